/** Whether files can be written, found out before they are computed or fetched. */
import { dirname } from "node:path";
import { missingFolders } from "./made_folders.ts";
import { filePath, type Path } from "./path.ts";
import { isFile, isFolder } from "./read_file.ts";
import { shownReason } from "./shown.ts";

/** Makes sure that files can be written into a folder; it leaves nothing behind. @throws {Error} if they cannot */
export async function checkWritable(folder: Path): Promise<void> {
  const name = filePath(folder);
  let made: string[] = [];
  try {
    if (isFile(name)) throw new Error("it is a file");
    made = missingFolders(name);
    await Deno.mkdir(name, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: name, prefix: ".rtd-check-" }));
  } catch (error) {
    throw new Error(`Writing into the folder ${name} failed: ${shownReason(error)}; name another.`, { cause: error });
  } finally {
    for (const one of made) await Deno.remove(one).catch(() => {});
  }
}

/** Makes sure that a file can be written; it leaves nothing behind. @throws {Error} if it cannot */
export async function checkWritableFile(file: Path): Promise<void> {
  const name = filePath(file);
  await checkWritable(dirname(name));
  if (isFolder(name)) throw new Error(`Writing ${name} failed: it is a folder; name a file.`);
}
