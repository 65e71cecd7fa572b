/** Reading files that may be missing. */
import { filePath, type Path } from "./path.ts";

/** A file's bytes, or undefined if there is no such file. */
export async function readIfThere(path: Path): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(filePath(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A file's text, or undefined if there is no such file. */
export async function readTextIfThere(path: Path): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes && new TextDecoder().decode(bytes);
}

/**
 * A file's text.
 *
 * @param what it holds, for the error message
 * @param advice follows the path in the error message, such as `'; make one with "deno task phrases"'`
 * @throws {Error} if there is no such file
 */
export async function readText(what: string, path: Path, advice = ""): Promise<string> {
  const text = await readTextIfThere(path);
  if (text === undefined) throw new Error(`Reading ${what} failed: there is no file ${filePath(path)}${advice}.`);
  return text;
}

/** Whether there is a file (not a folder) at a path. @throws {Error} if the disk refuses to say */
export function isFile(path: Path): boolean {
  return statIfThere(path)?.isFile ?? false;
}

/** Whether there is a folder at a path. @throws {Error} if the disk refuses to say */
export function isFolder(path: Path): boolean {
  return statIfThere(path)?.isDirectory ?? false;
}

function statIfThere(path: Path): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(filePath(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
