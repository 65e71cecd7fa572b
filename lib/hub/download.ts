/** One file over HTTP: resumable, checked against its hash, whole or not there. */
import { createHash, type Hash } from "node:crypto";

/** What a file must be when it has arrived. */
export interface Expected {
  size: number;
  /** SHA-256 of the content, or git's SHA-1 of it as a blob; whichever the length says. */
  hash: string;
}

/**
 * Downloads `url` to `path`. What an earlier attempt left in `path.incomplete` is gone on from.
 *
 * @param onBytes called with the bytes that are there
 * @throws {Error} if the connection breaks (what has arrived stays, for the next attempt), or the content is not what
 *   was announced (nothing stays)
 */
export async function download(
  url: string,
  path: string,
  expected: Expected,
  headers: Record<string, string> = {},
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const partial = `${path}.incomplete`;
  let have = await Deno.stat(partial).then(({ size }) => size, () => 0);
  if (have > expected.size) {
    await Deno.remove(partial);
    have = 0;
  }
  if (have < expected.size) {
    const response = await fetch(url, { headers: have > 0 ? { ...headers, range: `bytes=${have}-` } : headers });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`Downloading ${url} failed: the server answered ${response.status} ${response.statusText}.`);
    }
    // A server that does not know ranges sends the whole file again.
    const append = response.status === 206;
    if (!append) have = 0;
    using file = await Deno.open(partial, { write: true, create: true, append, truncate: !append });
    try {
      for await (const part of response.body) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
        have += part.length;
        onBytes(have);
      }
    } catch (error) {
      throw new Error(
        `Downloading ${url} stopped after ${have} of ${expected.size} bytes: ` +
          `${error instanceof Error ? error.message : error}; the same command goes on from there.`,
        { cause: error },
      );
    }
  }
  if (have < expected.size) {
    throw new Error(
      `Downloading ${url} stopped after ${have} of ${expected.size} bytes; the same command goes on from there.`,
    );
  }
  const found = await hashOf(partial, expected);
  if (have !== expected.size || found !== expected.hash) {
    await Deno.remove(partial);
    throw new Error(
      `Downloading ${url} failed: ${have} bytes with the hash ${found} arrived, announced were ${expected.size} with ` +
        `${expected.hash}; they were thrown away, try again.`,
    );
  }
  await Deno.rename(partial, path);
}

async function hashOf(path: string, { hash: { length }, size }: Expected): Promise<string> {
  // A file in git is known by the SHA-1 of a header and its content; a large one by the SHA-256 of its content.
  const hash: Hash = length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
  using file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return hash.digest("hex");
}
