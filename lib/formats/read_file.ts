/** Reading files that may not be there. */

/** A file's bytes, or nothing if there is no such file. */
export async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A file's text, or nothing if there is no such file. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path);
  return bytes && new TextDecoder().decode(bytes);
}

/**
 * A file's text.
 * @param what it holds, for the message
 * @throws {Error} if there is no such file, with the advice
 */
export async function readText(what: string, path: string, advice = ""): Promise<string> {
  const text = await readTextIfThere(path);
  if (text === undefined) throw new Error(`Reading ${what} failed: there is no file ${path}${advice}.`);
  return text;
}
