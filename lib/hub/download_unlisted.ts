/**
 * Downloads a file whose size nobody published, and perhaps no sum either: the size is the one that the server
 * announces, and without a sum what arrived first is recorded beside the file and compared from then on.
 */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { writeAtomically } from "../io/atomic_write.ts";
import { checkWritable } from "../io/check_writable.ts";
import { lockFile } from "../io/file_lock.ts";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { isFile, readTextIfThere } from "../io/read_file.ts";
import { download, type Expected, hashOf, partialFile } from "./download.ts";
import { checkLimits, request, type TimeLimits } from "./request.ts";
import { beginsAsPage, pageArrived } from "./web_page.ts";

/** Options of {@linkcode downloadUnlisted}. */
export interface UnlistedOptions extends TimeLimits {
  /** The sum that the content must have, if one is known: of 32 (MD5), 40 (git's SHA-1) or 64 digits (SHA-256). */
  hash?: string;
  /** Asks for size and sum in another way than a HEAD request to `url`, as a hub wants it. */
  announced?: () => Promise<Expected>;
  /** Sent with the request, such as an authorization; none by default. */
  headers?: Record<string, string>;
  /** Reads the file before it gets its name; what it throws refuses the file. */
  check?: (file: string) => Promise<unknown>;
  /** Called as bytes arrive. */
  onBytes?: (bytes: number, size: number) => void;
}

/** The file beside a downloaded one that records its SHA-256, as `sha256sum` writes and checks it. */
export function sumFile(path: Path): string {
  return `${filePath(path)}.sha256`;
}

/**
 * Downloads `url` to `path`, unless it is there, and resumes what was interrupted if the server still has the same
 * file. A file that is there is compared with the record and checked again.
 *
 * @returns whether something was downloaded
 * @throws {Error} if the server refuses or sends a web page; the content differs from the sum or the record, or `check`
 *   refuses it (it is thrown away, and what the record is of stays); or another process is at work on the path
 */
export async function downloadUnlisted(
  url: string,
  path: Path,
  { hash, announced, headers = {}, check = () => Promise.resolve(), onBytes = () => {}, ...limits }: UnlistedOptions,
): Promise<boolean> {
  const file = filePath(path), action = `Downloading ${url}`;
  checkLimits(action, { ...limits });
  await checkWritable(dirname(file));
  using _lock = await lockFile(file, action);
  // A sum from elsewhere makes a record needless.
  const recorded = hash ?? (await readTextIfThere(sumFile(file)))?.match(/^[0-9a-f]{64}(?= )/)?.[0];
  if (isFile(file)) {
    if (recorded !== undefined && await sumOf(file, recorded) !== recorded) {
      throw new Error(
        `Checking ${file} failed: its sum is not ${recorded}, as ${
          hash ? "published" : `${sumFile(file)} recorded`
        }; ` +
          `move it away and fetch it again.`,
      );
    }
    await check(file);
    if (recorded === undefined) await record(file);
    return false;
  }
  const { size, hash: sum, tag } = announced ? tagged(await announced()) : await announcedBy(url, limits);
  // Named after the server's version of the file, so that two versions are never joined.
  const arriving = `${file}.${tag}`;
  await removeOthers(file, arriving);
  if (!isFile(arriving)) {
    await download(url, arriving, { size }, { headers, onBytes: (bytes) => onBytes(bytes, size), ...limits });
  }
  try {
    if (await beginsAsPage(arriving)) throw pageArrived(url);
    for (const [known, by] of [[sum, "announced"], [recorded, hash ? "published" : `recorded in ${sumFile(file)}`]]) {
      const found = known && await sumOf(arriving, known);
      if (found === known) continue;
      throw new Error(
        `${action} failed: ${size} bytes with the hash ${found} arrived, ${by} is ${known}; they were thrown away, try ` +
          `again, or look whether another file has been published.`,
      );
    }
    await check(arriving).catch((error) => {
      throw new Error(
        `${action} failed: what arrived cannot be used and was thrown away (${
          error.message.replaceAll(arriving, file)
        })`,
        { cause: error },
      );
    });
    if (recorded === undefined) await record(arriving, file);
    await Deno.rename(arriving, file);
  } catch (error) {
    await Deno.remove(arriving).catch(() => {});
    throw error;
  }
  return true;
}

/** The sum of a file, of the kind that another one is. */
async function sumOf(file: string, { length }: string): Promise<string> {
  return await hashOf(file, { hash: "0".repeat(length), size: (await Deno.stat(file)).size });
}

/** Records the sum of a file as that of `name`. */
async function record(file: string, name = file): Promise<void> {
  await writeAtomically(sumFile(name), `${await sumOf(file, "0".repeat(64))}  ${basename(name)}\n`);
}

/** What a server says of a file. */
export interface Announced {
  /** Bytes. */
  size: number;
  /** Its sum, as {@linkcode UnlistedOptions} has it. */
  hash?: string;
  /** 8 digits that differ between versions of the file. */
  tag: string;
}

function tagged({ size, hash }: Expected): Announced {
  return { size, hash, tag: hash.slice(0, 8) };
}

/** Asks a server for the size of a file and for what tells its versions apart. @throws {Error} if it does not say */
export async function announcedBy(url: string, limits: TimeLimits): Promise<Announced> {
  const { response } = await request(url, { method: "HEAD" }, limits).catch((error) => {
    throw new Error(`Downloading ${url} failed: ${error.message}; is there a way to its host?`, { cause: error });
  });
  if (!response.ok) {
    throw new Error(
      `Downloading ${url} failed: the server answered ${response.status} ${response.statusText}; open the address in ` +
        `a browser to see whether the file has moved.`,
    );
  }
  const length = response.headers.get("content-length") ?? "", size = Number(length);
  if (!/^\d+$/.test(length) || !Number.isSafeInteger(size) || size === 0) {
    if (/html/.test(response.headers.get("content-type") ?? "")) throw pageArrived(url);
    throw new Error(`Downloading ${url} failed: the server announces no size; fetch the file with a browser.`);
  }
  const version = response.headers.get("etag") ?? response.headers.get("last-modified") ?? "";
  return { size, tag: createHash("sha256").update(`${version} ${size}`).digest("hex").slice(0, 8) };
}

/** Removes what is left of downloads of other versions of a file. */
async function removeOthers(file: string, arriving: string): Promise<void> {
  const folder = dirname(file), rest = /^\.[0-9a-f]{8}(\.incomplete)?$/;
  for (const { name } of [...Deno.readDirSync(folder)]) {
    const path = inFolder(folder, name);
    if (
      path !== arriving && path !== partialFile(arriving) && name.startsWith(basename(file)) &&
      rest.test(name.slice(basename(file).length))
    ) {
      await Deno.remove(path);
    }
  }
}
