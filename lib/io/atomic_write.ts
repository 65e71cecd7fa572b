/** Files that are whole or absent. */
import { dirname } from "node:path";
import { filePath, type Path } from "./path.ts";

/**
 * Writes `content` to a temporary file beside `path`, then renames it into place. Missing folders are made.
 *
 * @throws {Error} if the disk refuses; the temporary file is removed and what stood at `path` is untouched
 */
export async function writeAtomically(path: Path, content: Uint8Array | string): Promise<void> {
  const name = filePath(path), temporary = `${name}.part`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.mkdir(dirname(name), { recursive: true });
    await Deno.writeFile(temporary, bytes);
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
