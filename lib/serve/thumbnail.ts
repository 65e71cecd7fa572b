/** Images as the page shows them: small JPEGs made from the decoded pixels, so that no byte of a file reaches it. */
import { openImage } from "../clip/images/decode_image.ts";
import { loadSharp } from "../io/load_sharp.ts";
import type { ServedImage } from "./collection.ts";

/** Longest side of a shown image, pixels. */
const side = 320;

/**
 * Makes a small JPEG of an image file, turned as its camera says and laid on white.
 *
 * @param name the file's name, for error messages
 * @throws {Error} if it cannot be decoded, or is too large or too narrow
 */
export async function thumbnail(bytes: Uint8Array, name: string): Promise<ServedImage> {
  await openImage(bytes, name); // refuses what is too large before a pixel is decoded
  const sharp = await loadSharp();
  const made = await sharp(bytes).rotate().resize(side, side, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#fff" }).jpeg({ quality: 82 }).toBuffer();
  return { bytes: new Uint8Array(made), type: "image/jpeg" };
}
