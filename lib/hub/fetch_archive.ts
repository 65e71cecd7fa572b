/** Fetches an archive of a benchmark and unpacks it where the benchmark's reader expects its files. */
import { basename } from "node:path";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile, readTextIfThere } from "../io/read_file.ts";
import type { DataArchive } from "./data_sources.ts";
import { downloadUnlisted, sumFile } from "./download_unlisted.ts";
import type { FetchNews } from "./fetch_model.ts";
import type { TimeLimits } from "./request.ts";
import { unpackZip } from "./unpack_zip.ts";

/** Options of {@linkcode fetchArchive}. */
export interface FetchArchiveOptions extends TimeLimits {
  /** Address in place of the archive's `http://HOST`, without a last slash. */
  endpoint?: string;
  /** Called as bytes arrive, then as they are unpacked. */
  onProgress?: (news: FetchNews) => void;
}

/**
 * Downloads an archive into `folder`, checks its sum, unpacks it and removes it; the disk must have room for both. A
 * download or an unpacking that was stopped goes on where it was. The file `.fetched-NAME.json` in the folder says what
 * was unpacked; an archive of which it says so is not fetched again while these files are there.
 *
 * @returns whether something was fetched or unpacked
 * @throws {Error} if the download fails (see `downloadUnlisted`), or the archive must not be unpacked (see `unpackZip`)
 */
export async function fetchArchive(
  { url, hash, to, only }: DataArchive,
  folder: Path,
  { endpoint, onProgress = () => {}, ...limits }: FetchArchiveOptions = {},
): Promise<boolean> {
  const name = basename(url), target = inFolder(folder, ...to.split("/").filter(Boolean));
  const archive = inFolder(folder, name), done = inFolder(folder, `.fetched-${name}.json`);
  if (await isUnpacked(done, target, hash, only)) return false;
  const address = endpoint === undefined ? url : url.replace(/^http:\/\/[^/]+/, endpoint);
  await downloadUnlisted(address, archive, {
    hash,
    onBytes: (bytes, size) => onProgress({ file: name, bytes, size }),
    ...limits,
  });
  const files = await unpackZip(archive, target, {
    only,
    onProgress: (bytes, size) => onProgress({ file: `${name}, unpacking`, bytes, size }),
  });
  const { whole, entries } = await recordOf(done, hash);
  const record = { hash, whole: whole || only === undefined, entries: [...new Set([...entries, ...files])] };
  await writeAtomically(done, JSON.stringify(record));
  await Deno.remove(archive);
  await Deno.remove(sumFile(archive)).catch(() => {});
  return true;
}

/** What was unpacked of an archive, as the record says: whether all of it, and which entries. */
async function recordOf(done: string, hash: string): Promise<{ whole: boolean; entries: string[] }> {
  const nothing = { whole: false, entries: [] }, text = await readTextIfThere(done);
  if (text === undefined) return nothing;
  try {
    const { hash: recorded, whole, entries } = JSON.parse(text);
    if (recorded !== hash || !Array.isArray(entries)) return nothing;
    return { whole: whole === true, entries: entries.filter((name) => typeof name === "string") };
  } catch {
    return nothing;
  }
}

/** Whether all that is needed was unpacked and is still there. */
async function isUnpacked(done: string, target: string, hash: string, only?: readonly string[]): Promise<boolean> {
  const { whole, entries } = await recordOf(done, hash);
  if (entries.length === 0 || (only === undefined && !whole)) return false;
  const there = new Set(entries);
  return (only ?? entries).every((name) => there.has(name) && isFile(inFolder(target, ...name.split("/"))));
}
