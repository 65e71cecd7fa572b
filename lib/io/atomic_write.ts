/** Files that are whole or absent. */
import { dirname } from "node:path";
import { filePath, type Path } from "./path.ts";

/** Distinguishes the temporary files of one process. */
let written = 0;

/**
 * Writes `content` to a temporary file beside `path`, then renames it into place. Missing folders are made. The
 * temporary name is the writer's own, so that two writers of one path do not disturb each other: the last rename wins.
 *
 * @throws {Error} if the disk refuses; the temporary file is removed and what stood at `path` is untouched
 */
export async function writeAtomically(path: Path, content: Uint8Array | string): Promise<void> {
  const name = filePath(path), temporary = `${name}.${Deno.pid}-${++written}.part`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.mkdir(dirname(name), { recursive: true });
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    // On the disk before it is renamed: after a power cut an older whole file is better than a new empty one.
    await file.sync();
    await Deno.rename(temporary, name);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new Error(
      `Writing ${name} (${bytes.length} bytes) failed: ${error instanceof Error ? error.message : error}; ` +
        `what was there before is untouched.`,
      { cause: error },
    );
  }
}
