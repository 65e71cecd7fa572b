/** A small copy of an image file, to be shown in a page. */
import type { ImageSource } from "../clip/images/image_files.ts";
import { checkHeader } from "../clip/images/image_limits.ts";
import { decodingError, readImageFile } from "../clip/images/read_image_file.ts";
import { checkRegion } from "../clip/images/region.ts";
import { loadSharp } from "../io/load_sharp.ts";

/** The longer side, pixels: sharp on a screen with two pixels to a CSS pixel. */
const side = 144;

/**
 * Returns the image, or the box that is cut out of it, as a "data:" address of a JPEG. What an outline whitens is shown:
 * a reader sees more than the model.
 * @throws {Error} if it cannot be read, is too large or too narrow, or its box lies outside of it, naming it
 */
export async function thumbnail({ path, crop, dilation }: ImageSource): Promise<string> {
  const sharp = await loadSharp();
  const explain = (error: unknown): never => {
    throw decodingError(path, error);
  };
  const bytes = await readImageFile(path);
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch(explain);
  const [width, height] = checkHeader(header, path);
  let image = sharp(bytes);
  const part = checkRegion({ crop, dilation }, [width, height], `Reading ${path} failed: the image`);
  if (part) {
    const left = Math.max(0, part[0]), top = Math.max(0, part[1]);
    image = image.extract({
      left,
      top,
      width: Math.min(width, part[0] + part[2]) - left,
      height: Math.min(height, part[1] + part[3]) - top,
    });
  }
  const small = image.flatten({ background: "#fff" }).resize(side, side, { fit: "inside" });
  const encoded = await small.jpeg({ quality: 80 }).toBuffer().catch(explain);
  return `data:image/jpeg;base64,${new Uint8Array(encoded).toBase64()}`;
}
