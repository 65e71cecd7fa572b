/** Decodes image files to the pixels that Pillow would give. */
import { loadSharp, type Sharp } from "../../io/load_sharp.ts";
import { checkHeader } from "./image_limits.ts";
import { decodingError } from "./read_image_file.ts";
import type { RgbImage } from "./resize.ts";

/**
 * What becomes of transparency: `"drop"` ignores it, as Pillow's `convert("RGB")` and the code of the published methods
 * do; `"white"` lays the image on white, as transformers does since its version 5.
 */
export type Transparency = "drop" | "white";

/**
 * Decodes an image file to red, green and blue as Pillow's `Image.open(file).convert("RGB")`; an EXIF rotation is not
 * applied.
 *
 * @param bytes the content of a JPEG, PNG, WebP, GIF, TIFF or AVIF file
 * @param name the file's name, for error messages
 * @param transparency what becomes of transparent pixels
 * @throws {Error} if the bytes are no image that can be decoded, or one that is too large or too narrow
 *
 * @example
 * ```ts
 * import { decodeImage } from "@rtd/toolkit/clip";
 *
 * const png = Uint8Array.fromBase64(
 *   "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
 * );
 * const { width, height, pixels } = await decodeImage(png, "dot.png");
 * console.log(width, height, pixels);
 * ```
 */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  transparency: Transparency = "drop",
): Promise<RgbImage> {
  return await (await openImage(bytes, name)).decode(transparency);
}

/** An image whose size is known and whose pixels are not decoded yet. */
export interface OpenImage {
  /** Pixels a row. */
  width: number;
  /** Rows. */
  height: number;
  /** Decodes the pixels. @throws {Error} as {@linkcode decodeImage} */
  decode(transparency?: Transparency): Promise<RgbImage>;
}

/**
 * Reads the header of an image file.
 *
 * @param bytes the content of the file
 * @param name the file's name, for error messages
 * @throws {Error} as {@linkcode decodeImage}
 */
export async function openImage(bytes: Uint8Array, name: string): Promise<OpenImage> {
  const sharp = await loadSharp();
  const explain = (error: unknown): never => {
    throw decodingError(name, error);
  };
  // The decoder's own limit is lifted for the header, so that checkHeader can say what is wrong.
  const readHeader = async () => await sharp(bytes, { limitInputPixels: false }).metadata();
  const header = await readHeader().catch(explain);
  const [width, height] = checkHeader(header, name);
  const { space, depth, channels } = header;
  return {
    width,
    height,
    async decode(transparency = "drop") {
      try {
        if (space === "cmyk") return await decodeCmyk(sharp(bytes));
        if (depth === "ushort" && channels <= 2) return await decodeGrey16(sharp(bytes));
        const { data, info } = await sharp(bytes).toColourspace("srgb").raw({ depth: "uchar" })
          .toBuffer({ resolveWithObject: true });
        return rgbOf(data, info.width, info.height, info.channels, transparency);
      } catch (error) {
        return explain(error);
      }
    },
  };
}

/** Decodes cyan, magenta, yellow and black as Pillow, without a colour profile: `(255 - C)(255 - K) / 255`. */
async function decodeCmyk(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image.pipelineColourspace("cmyk").toColourspace("cmyk").raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(info.width * info.height * 3);
  for (let i = 0; i < info.width * info.height; i++) {
    const light = 255 - data[i * 4 + 3];
    for (let c = 0; c < 3; c++) {
      const product = data[i * 4 + c] * light + 128;
      pixels[i * 3 + c] = Math.max(0, light - (((product >> 8) + product) >> 8));
    }
  }
  return { width: info.width, height: info.height, pixels };
}

/** Decodes 16-bit grey as Pillow, which cuts values at 255 instead of scaling them. */
async function decodeGrey16(image: Sharp): Promise<RgbImage> {
  const { data, info } = await image.pipelineColourspace("grey16").toColourspace("grey16")
    .raw({ depth: "ushort" }).toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const grey = Uint8Array.from(
    { length: info.width * info.height },
    (_, i) => Math.min(255, values[i * info.channels]),
  );
  return rgbOf(grey, info.width, info.height, 1, "drop");
}

/** Red-green-blue pixels of decoded channels: one or two are grey, the second or the fourth is opacity. */
function rgbOf(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  transparency: Transparency,
): RgbImage {
  // A plain array over the decoder's bytes: its own is a `Buffer`, whose methods differ.
  if (channels === 3) return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  const pixels = new Uint8Array(width * height * 3);
  const blended = transparency === "white" && channels % 2 === 0;
  for (let i = 0; i < width * height; i++) {
    const opacity = blended ? data[(i + 1) * channels - 1] : 255;
    for (let c = 0; c < 3; c++) {
      const value = data[i * channels + (channels < 3 ? 0 : c)];
      pixels[i * 3 + c] = Math.round((value * opacity + 255 * (255 - opacity)) / 255);
    }
  }
  return { width, height, pixels };
}
