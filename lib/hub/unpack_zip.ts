/** Unpacks a ZIP archive into a folder, entry by entry in bounded memory; what an earlier attempt wrote is kept. */
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
// @ts-types="npm:@types/yauzl@3.4.0"
import yauzl from "npm:yauzl@3.4.0";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { shown } from "../io/shown.ts";
import { staysInside } from "./file_names.ts";

/** An archive may unpack to so many times its size; annotations in JSON shrink to about a tenth. */
const largestGrowth = 100;

/** Options of {@linkcode unpackZip}. */
export interface UnpackOptions {
  /** The entries to unpack, by name; all by default. */
  only?: readonly string[];
  /** Called after each file, with the bytes of the archive's entries that are done and those of all. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Unpacks an archive. Every entry is looked at before the first is written. A file that is there with the entry's size
 * is taken for unpacked: files get their names when they are whole and their checksums were compared.
 *
 * @returns the names of the entries that the folder now has
 * @throws {Error} if it is no archive or a damaged one; an entry is encrypted, a link, appears twice, or its name leaves
 *   the folder; an entry that `only` names is not there; or it unpacks to more than a hundred times its size
 */
export async function unpackZip(
  archive: Path,
  folder: Path,
  { only, onProgress = () => {} }: UnpackOptions = {},
): Promise<string[]> {
  const path = filePath(archive);
  const fail = (what: string, cause?: unknown): never => {
    throw new Error(`Unpacking ${path} failed: ${what}; fetch it again.`, { cause });
  };
  const opened = { autoClose: false, strictFileNames: true };
  const zip = await yauzl.openPromise(path, opened).catch((error) => fail(error.message, error));
  try {
    const all: yauzl.Entry[] = [];
    try {
      for await (const entry of zip.eachEntry()) all.push(entry);
    } catch (error) {
      fail((error as Error).message, error);
    }
    const files = checkedFiles(all, fail).filter(({ fileName }) => only?.includes(fileName) ?? true);
    const lacking = only?.find((name) => !files.some(({ fileName }) => fileName === name));
    if (lacking !== undefined) fail(`it has no ${lacking}`);
    const total = files.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    const { size } = await Deno.stat(path);
    if (total > largestGrowth * size) fail(`it unpacks to ${total} bytes from ${size}, which no benchmark does`);
    let done = 0;
    for (const entry of files) {
      const to = inFolder(folder, ...entry.fileName.split("/"));
      const there = await Deno.stat(to).catch(() => undefined);
      if (!there?.isFile || there.size !== entry.uncompressedSize) {
        await Deno.mkdir(dirname(to), { recursive: true });
        await unpackEntry(zip, entry, to, fail);
      }
      done += entry.uncompressedSize;
      onProgress(done, total);
    }
    return files.map(({ fileName }) => fileName);
  } finally {
    zip.close();
  }
}

/** The entries that are files. @throws {Error} through `fail`, if one must not be written */
function checkedFiles(entries: readonly yauzl.Entry[], fail: (what: string) => never): yauzl.Entry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    const isFolder = entry.fileName.endsWith("/"), name = isFolder ? entry.fileName.slice(0, -1) : entry.fileName;
    if (!staysInside(name)) fail(`its entry ${shown(entry.fileName)} leaves the folder`);
    // The upper half holds the kind of file on Unix, where the archive was made there.
    const kind = entry.externalFileAttributes >>> 28;
    if (kind !== 0 && kind !== 8 && kind !== 4) fail(`its entry ${shown(name)} is a link or a device, not a file`);
    if (entry.isEncrypted()) fail(`its entry ${shown(name)} is encrypted`);
    // A disk that ignores case would write two names into one file.
    if (seen.has(name.toLowerCase())) fail(`its entry ${shown(name)} appears twice`);
    seen.add(name.toLowerCase());
    return !isFolder;
  });
}

/** Writes an entry beside its place and renames it there once its checksum is right. */
async function unpackEntry(
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
  to: string,
  fail: (what: string, cause?: unknown) => never,
): Promise<void> {
  const part = `${to}.part`;
  let sum = 0;
  try {
    // yauzl refuses an entry that is longer or shorter than announced.
    const stream = await zip.openReadStreamPromise(entry).catch((error) => fail(error.message, error));
    // Told by the iterator too; without a listener an error before the first read would end the process.
    stream.on("error", () => {});
    {
      using file = await Deno.open(part, { write: true, create: true, truncate: true });
      const parts = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      while (true) {
        const { done, value } = await parts.next().catch((error) => {
          throw fail(`its entry ${shown(entry.fileName)} is damaged (${error.message})`, error);
        });
        if (done) break;
        sum = crc32(value, sum);
        for (let at = 0; at < value.length;) {
          at += await file.write(value.subarray(at)).catch((error) => {
            throw new Error(
              `Writing ${to} failed: ${error.message}; make room, the same command goes on from there.`,
              { cause: error },
            );
          });
        }
      }
    }
    if (sum !== entry.crc32) fail(`its entry ${shown(entry.fileName)} has another checksum`);
    await Deno.rename(part, to);
  } finally {
    await Deno.remove(part).catch(() => {});
  }
}
