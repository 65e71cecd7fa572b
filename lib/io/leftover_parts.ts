/** Temporary files that a killed process left. */
import { inFolder, type Path } from "./path.ts";

/**
 * Removes what `writeAtomically` had begun to write into a folder when its process was killed. The caller must hold the
 * folder's lock, or that of each file of `own`: another process may be writing otherwise.
 *
 * @param own whether a file, by its name, is the caller's (default: all are)
 */
export async function removeLeftoverParts(folder: Path, own: (file: string) => boolean = () => true): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const file = name.replace(/\.\d+-\d+\.part$/, "");
    if (isFile && file !== name && own(file)) await Deno.remove(inFolder(folder, name));
  }
}
