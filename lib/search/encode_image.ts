/** One image that is no file of the index, encoded from its bytes. */
import { encodeImages } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { decodeImage, type Transparency } from "../clip/images/decode_image.ts";
import { fitImage, normaliseImage } from "../clip/images/preprocess.ts";

/** How {@linkcode encodeImage} decodes. */
export interface EncodeImageOptions {
  /** The image's name, for error messages (default "the image"). */
  name?: string;
  /** What becomes of transparent pixels (default "drop", as for the images of an index on disk). */
  transparency?: Transparency;
}

/**
 * Encodes the content of an image file as the CLIP's preprocessing says.
 *
 * @returns `[P]`, P being the width of the embedding; not normalised
 * @throws {Error} if it cannot be decoded, has more than 89,478,485 pixels, or is too narrow
 */
export async function encodeImage(
  clip: Pick<Clip, "weights" | "config" | "preprocessing">,
  bytes: Uint8Array,
  { name = "the image", transparency = "drop" }: EncodeImageOptions = {},
): Promise<Float32Array> {
  const { preprocessing } = clip;
  const image = fitImage(await decodeImage(bytes, name, transparency), preprocessing);
  const features = await encodeImages(clip, normaliseImage(image, preprocessing)); // [1, P]
  try {
    return await features.data() as Float32Array;
  } finally {
    features.dispose();
  }
}
