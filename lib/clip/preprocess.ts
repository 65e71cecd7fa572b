/** From a picture file to what the image tower reads: as `CLIPImageProcessor` on Pillow does it. */
import sharp from "sharp";
import { resizeBicubic, type RgbPicture } from "./resize.ts";

/** A model's preprocessing, read from `preprocessor_config.json`. */
export interface Preprocessing {
  /** Side of the result, pixels; the shortest side is resized to it, then the centre is cropped. */
  size: number;
  /** By channel, after bytes are divided by 255. */
  mean: [number, number, number];
  deviation: [number, number, number];
  /** SEARLE's TargetPad: the short side is padded until the long one is at most so many times as long. */
  targetPad?: number;
}

/** CLIP's own. @param size the image tower's `imageSize` */
export function clipPreprocessing(size: number): Preprocessing {
  return {
    size,
    mean: [0.48145466, 0.4578275, 0.40821073],
    deviation: [0.26862954, 0.26130258, 0.27577711],
  };
}

/**
 * Reads a parsed `preprocessor_config.json`.
 * @throws {Error} if it asks for something that is not done here
 */
export function parsePreprocessing(json: object, file: string): Preprocessing {
  const fields = json as Record<string, unknown>;
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}.`);
  };
  // Sizes are a number in older files, an object in newer ones.
  const side = (value: unknown, ...keys: string[]) => {
    const sides = typeof value === "object" && value !== null ? keys.map((key) => Reflect.get(value, key)) : [value];
    return sides.find((found) => found !== undefined);
  };
  const size = side(fields.size, "shortest_edge", "height"), crop = side(fields.crop_size, "height", "shortest_edge");
  if (typeof size !== "number" || size !== (crop ?? size)) {
    fail(`it resizes to ${size} and crops to ${crop}, expected one size`);
  }
  if ((fields.resample ?? 3) !== 3) fail(`its resampling is ${fields.resample}, expected 3 (bicubic)`);
  const triple = (name: string, standard: [number, number, number]): [number, number, number] => {
    const value = fields[name] ?? standard;
    return Array.isArray(value) && value.length === 3 && value.every((x) => typeof x === "number")
      ? value as [number, number, number]
      : fail(`${name} is ${JSON.stringify(value)}, expected three numbers`);
  };
  const standard = clipPreprocessing(size as number);
  return {
    size: size as number,
    mean: triple("image_mean", standard.mean),
    deviation: triple("image_std", standard.deviation),
  };
}

/**
 * What becomes of transparency: dropped, as Pillow's `convert("RGB")` and the code of the published methods do, or laid
 * on white, as transformers does since its version 5.
 */
export type Transparency = "drop" | "white";

/**
 * Decodes a picture file to red-green-blue as Pillow's `Image.open(file).convert("RGB")`; an EXIF rotation is not applied.
 *
 * @param name for messages
 * @throws {Error} if the bytes are no picture that can be decoded
 */
export async function decodePicture(
  bytes: Uint8Array,
  name: string,
  transparency: Transparency = "drop",
): Promise<RgbPicture> {
  try {
    const { space, depth, channels } = await sharp(bytes).metadata();
    if (space === "cmyk") return await decodeCmyk(bytes);
    if (depth === "ushort" && channels <= 2) return await decodeGrey16(bytes);
    const { data, info } = await sharp(bytes).toColourspace("srgb").raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return rgbOf(data, info.width, info.height, info.channels, transparency);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Decoding ${name} failed: ${reason}; is it a whole JPEG, PNG or WebP?`, { cause: error });
  }
}

/** Pillow turns cyan, magenta, yellow and black to light without a colour profile: `(255 - C)(255 - K) / 255`. */
async function decodeCmyk(bytes: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(bytes).pipelineColourspace("cmyk").toColourspace("cmyk").raw()
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

/** Pillow cuts a 16-bit grey at 255 instead of scaling it. */
async function decodeGrey16(bytes: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(bytes).pipelineColourspace("grey16").toColourspace("grey16")
    .raw({ depth: "ushort" }).toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const grey = Uint8Array.from(
    { length: info.width * info.height },
    (_, i) => Math.min(255, values[i * info.channels]),
  );
  return rgbOf(grey, info.width, info.height, 1, "drop");
}

/** One or two channels are grey, the second and the fourth are opacity. */
function rgbOf(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  transparency: Transparency,
): RgbPicture {
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

/** A part of a picture: left, top, width and height in pixels; what lies outside the picture is black, as in Pillow. */
export type Box = readonly [number, number, number, number];

/** Cuts a part out. */
export function cutOut(picture: RgbPicture, [left, top, width, height]: Box): RgbPicture {
  const pixels = new Uint8Array(width * height * 3);
  const from = Math.max(0, left), until = Math.min(picture.width, left + width);
  for (let y = Math.max(0, top); y < Math.min(picture.height, top + height) && from < until; y++) {
    const row = picture.pixels.subarray((y * picture.width + from) * 3, (y * picture.width + until) * 3);
    pixels.set(row, ((y - top) * width + from - left) * 3);
  }
  return { width, height, pixels };
}

/**
 * The picture with everything outside an outline black.
 * @param outline polygons `[x1, y1, x2, y2, ...]` in pixels; a pixel is inside if its centre is inside an odd number
 */
export function maskOutline(
  { width, height, pixels }: RgbPicture,
  outline: readonly (readonly number[])[],
): RgbPicture {
  const masked = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const centre = y + 0.5, crossings: number[] = [];
    for (const polygon of outline) {
      for (let i = 0; i < polygon.length; i += 2) {
        const [x1, y1] = [polygon[i], polygon[i + 1]];
        const [x2, y2] = [polygon[(i + 2) % polygon.length], polygon[(i + 3) % polygon.length]];
        if (y1 <= centre !== y2 <= centre) crossings.push(x1 + (centre - y1) / (y2 - y1) * (x2 - x1));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i] - 0.5)),
        until = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
      if (from >= until) continue;
      const start = (y * width + from) * 3, end = (y * width + until) * 3;
      masked.set(pixels.subarray(start, end), start);
    }
  }
  return { width, height, pixels: masked };
}

/** Pads, resizes the shortest side and crops the centre: `[size, size, 3]` bytes. */
export function fitPicture(picture: RgbPicture, { size, targetPad: ratio }: Preprocessing): RgbPicture {
  const source = ratio === undefined ? picture : padded(picture, ratio);
  const { width, height } = source;
  const long = Math.trunc(size * Math.max(width, height) / Math.min(width, height));
  const [across, down] = width <= height ? [size, long] : [long, size];
  return cropCentre(resizeBicubic(source, across, down), size);
}

/** Bytes to the numbers that the image tower reads. `[size, size, 3]`. */
export function normalisePicture({ pixels }: RgbPicture, { mean, deviation }: Preprocessing): Float32Array {
  return Float32Array.from(pixels, (byte, i) => (byte / 255 - mean[i % 3]) / deviation[i % 3]);
}

function padded(picture: RgbPicture, ratio: number): RgbPicture {
  const { width, height, pixels } = picture;
  if (Math.max(width, height) / Math.min(width, height) < ratio) return picture;
  const longest = Math.max(width, height) / ratio;
  const across = Math.max(0, Math.trunc((longest - width) / 2)), down = Math.max(0, Math.trunc((longest - height) / 2));
  const out = { width: width + 2 * across, height: height + 2 * down };
  const black = new Uint8Array(out.width * out.height * 3);
  for (let y = 0; y < height; y++) {
    black.set(pixels.subarray(y * width * 3, (y + 1) * width * 3), ((y + down) * out.width + across) * 3);
  }
  return { ...out, pixels: black };
}

function cropCentre({ width, height, pixels }: RgbPicture, size: number): RgbPicture {
  const left = Math.floor((width - size) / 2), top = Math.floor((height - size) / 2);
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * width + left) * 3;
    out.set(pixels.subarray(start, start + size * 3), y * size * 3);
  }
  return { width: size, height: size, pixels: out };
}
