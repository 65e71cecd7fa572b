/** Temporary files that a killed process left. */
import { inFolder, type Path } from "./path.ts";

/**
 * Removes what `writeAtomically` had begun to write into a folder when its process was killed. The caller must hold the
 * folder's lock: another process may be writing otherwise.
 */
export async function removeLeftoverParts(folder: Path): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /\.\d+-\d+\.part$/.test(name)) await Deno.remove(inFolder(folder, name));
  }
}
