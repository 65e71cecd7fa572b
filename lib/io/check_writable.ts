/** Whether files can be written, found out before they are computed or fetched. */
import { dirname } from "node:path";

/** Makes sure that files can be written into a folder; it leaves nothing behind. @throws {Error} if they cannot */
export async function checkWritable(folder: string): Promise<void> {
  if (await Deno.stat(folder).then(({ isFile }) => isFile, () => false)) {
    throw new Error(`Writing into the folder ${folder} failed: it is a file; name another.`);
  }
  const made: string[] = [];
  for (let at = folder; !(await isThere(at)); at = dirname(at)) made.push(at);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".rtd-check-" }));
  } catch (error) {
    const reason = (error as Error).message.replace(/ \(os error.*$/s, "");
    throw new Error(`Writing into the folder ${folder} failed: ${reason}; name another.`, { cause: error });
  } finally {
    for (const one of made) await Deno.remove(one).catch(() => {});
  }
}

/** Makes sure that a file can be written; it leaves nothing behind. @throws {Error} if it cannot */
export async function checkWritableFile(file: string): Promise<void> {
  if (await Deno.stat(file).then(({ isDirectory }) => isDirectory, () => false)) {
    throw new Error(`Writing ${file} failed: it is a folder; name a file.`);
  }
  await checkWritable(dirname(file));
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
