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

/** A file's text, or undefined if there is no such file. @throws {Error} if it is not UTF-8 */
export async function readTextIfThere(path: Path): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes && decodeText(bytes, filePath(path));
}

/**
 * Decodes UTF-8, without a byte-order mark at its start.
 *
 * @param file for the error message
 * @throws {Error} if the bytes are of another encoding
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    if (!utf16) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Told below.
  }
  throw new Error(
    `Reading ${file} failed: it is ${utf16 ? "UTF-16" : "not UTF-8"} text; save it as UTF-8.`,
  );
}

/**
 * A file's text.
 *
 * @param what it holds, for the error message
 * @param advice follows the path in the error message, such as `'; make one with "deno task phrases"'`
 * @throws {Error} if there is no such file, or it is not UTF-8
 */
export async function readText(what: string, path: Path, advice = ""): Promise<string> {
  return decodeText(await readBytes(what, path, advice), filePath(path));
}

/**
 * A file's bytes.
 *
 * @param what they are, for the error message
 * @param advice as for {@linkcode readText}
 * @throws {Error} if there is no such file
 */
export async function readBytes(what: string, path: Path, advice = ""): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) throw new Error(`Reading ${what} failed: there is no file ${filePath(path)}${advice}.`);
  return bytes;
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
