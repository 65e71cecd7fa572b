/** Reads image files, and says of those that cannot be read or decoded why. */
import { shownReason } from "../../io/shown.ts";

/** Reads an image file. @throws {Error} if it is gone, which it was not when it was listed, or may not be read */
export async function readImageFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Reading ${path} failed: the image is gone; put it back, or start again without it.`, {
      cause: error,
    });
  }
}

/**
 * Returns the error of an image that its decoder refuses. The decoder says each thing twice: when it reads the header,
 * and when it is asked again.
 *
 * @param name the file's name
 */
export function decodingError(name: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const said = message.split(/\n|\bVips\w+: /).map((part) => part.trim()).filter((part) => part !== "");
  const reason = [...new Set(said)].join("; ").replaceAll(":;", ":");
  return new Error(`Decoding ${name} failed: ${shownReason(reason)}; is it a whole JPEG, PNG or WebP?`, {
    cause: error,
  });
}
