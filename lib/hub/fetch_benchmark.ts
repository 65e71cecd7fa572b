/** Fetches all that is published of a benchmark: annotations in git, then archives. */
import { missingFolders, tidyIfFailed } from "../io/made_folders.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFolder } from "../io/read_file.ts";
import type { DataArchive, DataSource } from "./data_sources.ts";
import { fetchArchive } from "./fetch_archive.ts";
import { fetchData } from "./fetch_data.ts";
import type { FetchNews } from "./fetch_model.ts";
import type { TimeLimits } from "./request.ts";

/** Options of {@linkcode fetchBenchmark}. */
export interface FetchBenchmarkOptions extends TimeLimits {
  /** Whether archives of images are fetched as well (default false). */
  images?: boolean;
  /** Address below which a mirror has the files, each as `HOST/PATH`; without a last slash. */
  mirror?: string;
  /** Called as bytes arrive and are unpacked. */
  onProgress?: (news: FetchNews) => void;
}

/** The archives of a source that are fetched. */
export function archivesOf({ archives = [] }: DataSource, images: boolean): readonly DataArchive[] {
  return archives.filter((archive) => images || !archive.images);
}

/**
 * Fetches a source into `folder`, as `fetchData` and `fetchArchive` do. Where nothing arrived, a folder that was made
 * for it goes again.
 *
 * @returns the names of what was fetched; none if all was there
 * @throws {Error} as these two
 */
export async function fetchBenchmark(
  source: DataSource,
  folder: Path,
  { images = false, mirror, onProgress, ...limits }: FetchBenchmarkOptions = {},
): Promise<string[]> {
  const at = (host: string) => mirror === undefined ? undefined : `${mirror}/${host}`;
  const [made] = missingFolders(folder);
  return await tidyIfFailed(folder, async () => {
    try {
      const endpoint = at("raw.githubusercontent.com");
      const fetched = source.files.length > 0
        ? await fetchData(source, folder, { endpoint, onProgress, ...limits })
        : [];
      for (const archive of archivesOf(source, images)) {
        const endpoint = at(new URL(archive.url).host);
        if (await fetchArchive(archive, folder, { endpoint, onProgress, ...limits })) fetched.push(archive.url);
      }
      return fetched;
    } catch (error) {
      if (made !== undefined) await removeEmpty(made);
      throw error;
    }
  });
}

/** Removes the empty folders below a folder. */
async function removeEmpty(folder: string): Promise<void> {
  if (!isFolder(folder)) return;
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)]) {
    if (!isDirectory) continue;
    await removeEmpty(inFolder(folder, name));
    await Deno.remove(inFolder(folder, name)).catch(() => {});
  }
}
