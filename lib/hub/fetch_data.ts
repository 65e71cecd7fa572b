/** Fetches the annotations of a benchmark into the layout that its reader expects. */
import { dirname } from "node:path";
import { checkWritable } from "../io/check_writable.ts";
import { lockFile } from "../io/file_lock.ts";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { isFile, isFolder } from "../io/read_file.ts";
import type { DataFile, DataSource } from "./data_sources.ts";
import { download, hashOf, partialFile } from "./download.ts";
import { announcedBy } from "./download_unlisted.ts";
import type { FetchNews } from "./fetch_model.ts";
import { checkLimits, type TimeLimits } from "./request.ts";
import { beginsAsPage, pageArrived } from "./web_page.ts";

/** Options of {@linkcode fetchData}. */
export interface FetchDataOptions extends TimeLimits {
  /** Address below which repositories lie, without a last slash (default `https://raw.githubusercontent.com`). */
  endpoint?: string;
  /** Called as bytes arrive. */
  onProgress?: (news: FetchNews) => void;
}

/**
 * Downloads what is missing of a source into `folder`, resumes what was interrupted, and checks every file against the
 * hash that git gives it. A file that is there already is checked too.
 *
 * @returns the paths of the files that were downloaded, in the benchmark's folder; none if all were there
 * @throws {Error} if a file of another content is there (nothing is then fetched or overwritten), the folder cannot be
 *   written, another process fetches into it, the server refuses, or other content arrives (it is thrown away)
 */
export async function fetchData(
  source: DataSource,
  folder: Path,
  { endpoint = "https://raw.githubusercontent.com", onProgress = () => {}, ...limits }: FetchDataOptions = {},
): Promise<string[]> {
  const action = `Fetching ${source.repository}`;
  checkLimits(action, { ...limits });
  await checkWritable(folder);
  await Deno.mkdir(filePath(folder), { recursive: true });
  using _lock = await lockFile(inFolder(folder, ".fetch-data"), action);
  const missing = await missingFiles(action, source, folder);
  for (const file of missing) {
    const path = inFolder(folder, file.to), url = `${endpoint}/${source.repository}/${source.commit}/${file.from}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    const size = file.size ?? (await announcedBy(url, limits)).size;
    const onBytes = (bytes: number) => onProgress({ file: file.to, bytes, size });
    try {
      await download(url, path, { size, hash: file.hash }, { onBytes, ...limits });
    } catch (error) {
      if (!await beginsAsPage(partialFile(path))) throw error;
      await Deno.remove(partialFile(path));
      throw pageArrived(url, error);
    }
  }
  return missing.map(({ to }) => to);
}

/** The files that are not there yet. @throws {Error} naming all files that are there with another content */
async function missingFiles(action: string, { files }: DataSource, folder: Path): Promise<DataFile[]> {
  const missing: DataFile[] = [], different: string[] = [];
  for (const file of files) {
    const path = inFolder(folder, file.to);
    if (isFolder(path)) different.push(path);
    else if (!isFile(path)) missing.push(file);
    else {
      const { size } = await Deno.stat(path);
      if (size !== (file.size ?? size) || await hashOf(path, { ...file, size }) !== file.hash) different.push(path);
    }
  }
  if (different.length === 0) return missing;
  throw new Error(
    `${action} failed: ${different.join(", ")} ${
      different.length === 1 ? "is" : "are"
    } there with another content and ` +
      `will not be overwritten; move ${different.length === 1 ? "it" : "them"} away, or name another folder.`,
  );
}
