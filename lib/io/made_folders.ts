/** Folders that are made for work that may fail. */
import { dirname } from "node:path";
import { filePath, type Path } from "./path.ts";
import { isFile, isFolder } from "./read_file.ts";

/** Returns the folders of a path that are not there, the innermost first. */
export function missingFolders(folder: Path): string[] {
  const missing: string[] = [];
  for (let at = filePath(folder); !isFile(at) && !isFolder(at) && at !== dirname(at); at = dirname(at)) {
    missing.push(at);
  }
  return missing;
}

/** Does work that may make a folder; where it fails and left nothing in the folder, the folder goes again. */
export async function tidyIfFailed<T>(folder: Path, work: () => Promise<T>): Promise<T> {
  const missing = missingFolders(folder);
  try {
    return await work();
  } catch (error) {
    // One that holds something is not removed, such as the part of a download that is resumed.
    for (const one of missing) await Deno.remove(one).catch(() => {});
    throw error;
  }
}
