/**
 * Which images are decoded. A file of a hundred bytes can claim a size that would fill the memory, so an image's kind
 * and size are looked at before its pixels are.
 */

/** Most pixels of an image: Pillow's `MAX_IMAGE_PIXELS`, above which it warns of a decompression bomb. */
const mostPixels = 89_478_485;

/** Most times that the long side may be as long as the short one; the model sees the square in the middle. */
const mostAspect = 10_000;

/** The kinds of image that are decoded, as the decoder names them ("heif" is AVIF); SVG is a drawing, not an image. */
const kinds: readonly string[] = ["jpeg", "png", "webp", "gif", "tiff", "heif"];

/** What a file says about its image before it is decoded. */
export interface ImageHeader {
  /** Kind of the file, as the decoder names it. */
  format?: string;
  /** Pixels a row. */
  width?: number;
  /** Rows. */
  height?: number;
}

/**
 * Checks that an image may be decoded, and returns its size.
 *
 * @param name the file's name, for error messages
 * @throws {Error} if it is of another kind, such as SVG, too large, or too narrow
 */
export function checkHeader({ format, width = 0, height = 0 }: ImageHeader, name: string): [number, number] {
  if (!kinds.includes(format ?? "")) {
    const kind = format?.toUpperCase() ?? "an unknown kind";
    throw new Error(`Decoding ${name} failed: it is ${kind}; convert it to JPEG, PNG or WebP.`);
  }
  checkSize([width, height], `Decoding ${name} failed: the image`);
  return [width, height];
}

/**
 * Checks the size of an image, or of a part of one.
 *
 * @param what begins the error message: the action, its file, and what has this size
 * @throws {Error} if it has too many pixels, or is too narrow
 */
export function checkSize([width, height]: readonly [number, number], what: string): void {
  const aspect = Math.max(width, height) / Math.min(width, height);
  if (width * height > mostPixels) {
    throw new Error(
      `${what} is ${width} x ${height}, ${width * height} pixels, the most are ${mostPixels}; make it smaller.`,
    );
  }
  if (!(aspect <= mostAspect)) {
    throw new Error(
      `${what} is ${width} x ${height}, one side ${Math.round(aspect)} times the other, the most are ${mostAspect}; ` +
        "cut out the part that matters.",
    );
  }
}
