/** Downloads a file over HTTP, resumes an interrupted download, and checks the result against its hash. */
import { createHash, type Hash } from "node:crypto";
import { filePath, type Path } from "../io/path.ts";
import { request, type TimeLimits } from "./request.ts";

/** Size and hash that a downloaded file must have. */
export interface Expected {
  /** Bytes. */
  size: number;
  /** Hexadecimal: with 64 digits SHA-256 of the content, with 40 git's SHA-1 of it as a blob, with 32 MD5. */
  hash: string;
}

/** Options of {@linkcode download}. */
export interface DownloadOptions extends TimeLimits {
  /** Sent with the request, such as an authorization; none by default. */
  headers?: Record<string, string>;
  /** Called with the number of bytes that have arrived so far, those of earlier attempts included. */
  onBytes?: (bytes: number) => void;
}

/** The file in which the bytes of a download are kept until it is complete. */
export function partialFile(path: Path): string {
  return `${filePath(path)}.incomplete`;
}

/** Size of the file in which a download is kept, bytes; 0 if there is none. */
export async function bytesSoFar(path: Path): Promise<number> {
  return await Deno.stat(partialFile(path)).then(({ size }) => size, () => 0);
}

/**
 * Downloads `url` to `path`, and resumes from a file `{path}.incomplete` that an earlier attempt left. `path` itself
 * exists only when it is complete and checked. No more than the announced size is read.
 *
 * A path that names the hash, as the blobs of the cache do, binds the partial file to its content. Two callers must not
 * download to one path at the same time.
 *
 * @param expected without a hash, the size alone is compared
 * @throws {Error} if the server refuses, the connection breaks or stalls (the bytes received are kept for the next
 *   attempt), or the content has another size or hash (they are deleted)
 */
export async function download(
  url: string,
  path: Path,
  expected: Omit<Expected, "hash"> & Partial<Expected>,
  { headers = {}, onBytes = () => {}, ...limits }: DownloadOptions = {},
): Promise<void> {
  const partial = partialFile(path);
  let have = await bytesSoFar(path);
  if (have > expected.size) {
    await Deno.remove(partial);
    have = 0;
  }
  if (have < expected.size) have = await receive(url, partial, have, expected.size, { headers, onBytes, ...limits });
  else if (have === 0) await Deno.writeFile(partial, new Uint8Array());
  if (have < expected.size) throw stopped(url, have, expected.size, "");
  const { size, hash } = expected, found = hash && await hashOf(partial, { size, hash });
  if (found !== hash) {
    await Deno.remove(partial);
    throw new Error(
      `Downloading ${url} failed: ${have} bytes with the hash ${found} arrived, announced were ${size} with ` +
        `${hash}; they were thrown away, try again.`,
    );
  }
  await Deno.rename(partial, filePath(path));
}

/** Appends what is missing to the partial file and returns its new size, which is at most `size`. */
async function receive(
  url: string,
  partial: string,
  have: number,
  size: number,
  { headers, onBytes, ...limits }: Required<Pick<DownloadOptions, "headers" | "onBytes">> & TimeLimits,
): Promise<number> {
  const range: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  const { response, parts } = await request(url, { headers: { ...headers, ...range } }, limits).catch((error) => {
    throw stopped(url, have, size, error);
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`Downloading ${url} failed: the server answered ${response.status} ${response.statusText}.`);
  }
  // A server that does not know ranges sends the whole file again.
  const append = response.status === 206;
  const start = Number(response.headers.get("content-range")?.match(/^bytes (\d+)-/)?.[1] ?? have);
  if (append && start !== have) {
    await response.body.cancel();
    throw stopped(url, have, size, `the server went on from byte ${start}`);
  }
  if (!append) have = 0;
  let tooLong = false;
  {
    using file = await Deno.open(partial, { write: true, create: true, append, truncate: !append });
    try {
      for await (const part of parts) {
        tooLong = have + part.length > size;
        if (tooLong) break;
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
        have += part.length;
        onBytes(have);
      }
    } catch (error) {
      throw stopped(url, have, size, error);
    }
  }
  if (!tooLong) return have;
  await Deno.remove(partial);
  throw new Error(
    `Downloading ${url} failed: more than the ${size} bytes that were announced arrived; they were thrown away, ` +
      `try again.`,
  );
}

function stopped(url: string, have: number, size: number, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(
    `Downloading ${url} stopped after ${have} of ${size} bytes${reason && `: ${reason}`}; the same command goes on ` +
      `from there.`,
    { cause: error },
  );
}

/** Hash of a file, of the kind that `expected` has: SHA-256, git's SHA-1 of a blob, or MD5. */
export async function hashOf(path: string, { hash: { length }, size }: Expected): Promise<string> {
  // A file in git is known by the SHA-1 of a header and its content; a large one by the SHA-256 of its content.
  const hash: Hash = length === 40
    ? createHash("sha1").update(`blob ${size}\0`)
    : createHash(length === 64 ? "sha256" : "md5");
  using file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return hash.digest("hex");
}
