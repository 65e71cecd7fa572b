/** Downloads a file over HTTP, resumes an interrupted download, and checks the result against its hash. */
import { createHash, type Hash } from "node:crypto";
import { filePath, type Path } from "../io/path.ts";

/** Size and hash that a downloaded file must have. */
export interface Expected {
  /** Bytes. */
  size: number;
  /** Hexadecimal: with 64 digits SHA-256 of the content, with 40 git's SHA-1 of it as a blob. */
  hash: string;
}

/**
 * Downloads `url` to `path`, and resumes from a file `{path}.incomplete` that an earlier attempt left. `path` itself
 * exists only when it is complete and checked.
 *
 * @param headers sent with the request, such as an authorization
 * @param onBytes called with the number of bytes that have arrived so far, those of earlier attempts included
 * @throws {Error} if the server refuses, the connection breaks (the bytes received are kept for the next attempt), or
 *   the content has another size or hash (they are deleted)
 */
export async function download(
  url: string,
  path: Path,
  expected: Expected,
  headers: Record<string, string> = {},
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const whole = filePath(path), partial = `${whole}.incomplete`;
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
  await Deno.rename(partial, whole);
}

async function hashOf(path: string, { hash: { length }, size }: Expected): Promise<string> {
  // A file in git is known by the SHA-1 of a header and its content; a large one by the SHA-256 of its content.
  const hash: Hash = length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
  using file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return hash.digest("hex");
}
