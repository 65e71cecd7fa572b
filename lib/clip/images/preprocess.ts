/** From decoded pixels to what the image tower reads: as `CLIPImageProcessor` on Pillow does it. */
import { type Outline, outlineMask } from "./outline.ts";
import { type Box, roundHalfToEven } from "./region.ts";
import { resizeBicubic, type RgbImage } from "./resize.ts";

/** How an image becomes what a model's image tower reads; from the model's `preprocessor_config.json`. */
export interface Preprocessing {
  /** Side of the result, pixels: the shortest side is resized to it, then the centre is cropped. */
  size: number;
  /** Mean by channel (red, green, blue) of bytes divided by 255; it is subtracted. */
  mean: [number, number, number];
  /** Standard deviation by channel (red, green, blue) of bytes divided by 255; what is left is divided by it. */
  standardDeviation: [number, number, number];
  /**
   * SEARLE's TargetPad: before resizing, the short side is padded with black until the long one is at most so many
   * times as long (SEARLE: 1.25). Absent (the default): no padding. It is no part of `preprocessor_config.json`.
   */
  targetPad?: number;
  /**
   * Where the centre is cropped when an odd number of pixels is left over: "down" (the default) rounds the half pixel down,
   * as Hugging Face's `CLIPImageProcessor` does, "even" to the even pixel, as torchvision's `CenterCrop`, which OpenAI's and
   * SEARLE's preprocessing call. It moves the crop by a pixel or not at all. No part of `preprocessor_config.json`.
   */
  centreHalf?: "down" | "even";
}

/** The preprocessing of OpenAI's CLIPs. @param size side of the image that the model reads, pixels */
export function clipPreprocessing(size: number): Preprocessing {
  return {
    size,
    mean: [0.48145466, 0.4578275, 0.40821073],
    standardDeviation: [0.26862954, 0.26130258, 0.27577711],
  };
}

/** Cuts a part out of an image. */
export function cutOut(image: RgbImage, [left, top, width, height]: Box): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  const from = Math.max(0, left), until = Math.min(image.width, left + width);
  for (let y = Math.max(0, top); y < Math.min(image.height, top + height) && from < until; y++) {
    const row = image.pixels.subarray((y * image.width + from) * 3, (y * image.width + until) * 3);
    pixels.set(row, ((y - top) * width + from - left) * 3);
  }
  return { width, height, pixels };
}

/** Whitens everything that an outline does not cover and returns the new image, as Pic2Word does it. */
export function maskOutline({ width, height, pixels }: RgbImage, outline: Outline): RgbImage {
  const mask = outlineMask(outline, width, height);
  const masked = Uint8Array.from(pixels, (byte, i) => mask[Math.floor(i / 3)] === 1 ? byte : 255);
  return { width, height, pixels: masked };
}

/** How {@linkcode fitImage} fits an image. */
export interface Fitting extends Pick<Preprocessing, "size" | "targetPad" | "centreHalf"> {
  /** Whether the short side is padded with black to a square first, after which `targetPad` finds nothing to do. */
  square?: boolean;
  /** Whether both sides are resized to the result's, whatever the image's shape; nothing is padded or cropped then. */
  squash?: boolean;
}

/** Pads an image, resizes its shortest side and crops its centre: `[size, size, 3]` bytes. */
export function fitImage(image: RgbImage, { size, targetPad: ratio, centreHalf, square, squash }: Fitting): RgbImage {
  if (squash) {
    const [part, frame] = [[0, 0, size, size], [0, 0, image.width, image.height]] as const;
    return resizeBicubic(image, { width: size, height: size, part, frame });
  }
  const frame = square
    ? squareFrame(image)
    : ratio === undefined
    ? [0, 0, image.width, image.height] as const
    : paddedFrame(image, ratio);
  const [, , width, height] = frame;
  const long = Math.trunc(size * Math.max(width, height) / Math.min(width, height));
  const [across, down] = width <= height ? [size, long] : [long, size];
  const half = (rest: number) => centreHalf === "even" ? roundHalfToEven(rest / 2) : Math.floor(rest / 2);
  const centre = [half(across - size), half(down - size), size, size] as const;
  return resizeBicubic(image, { width: across, height: down, part: centre, frame });
}

/** Rescales and normalises the bytes of a fitted image to the `[size, size, 3]` floats that the image tower reads. */
export function normaliseImage({ pixels }: RgbImage, { mean, standardDeviation }: Preprocessing): Float32Array {
  return Float32Array.from(pixels, (byte, i) => (byte / 255 - mean[i % 3]) / standardDeviation[i % 3]);
}

/** The square around an image; of an odd difference the larger half is to the right or below, as GeneCIS pads. */
function squareFrame({ width, height }: RgbImage): Box {
  const side = Math.max(width, height);
  return [-Math.floor((side - width) / 2), -Math.floor((side - height) / 2), side, side];
}

/** The frame of an image whose short side is padded until the long one is at most `ratio` times as long. */
function paddedFrame({ width, height }: RgbImage, ratio: number): Box {
  if (Math.max(width, height) / Math.min(width, height) < ratio) return [0, 0, width, height];
  const longest = Math.max(width, height) / ratio;
  const across = Math.max(0, Math.trunc((longest - width) / 2)), down = Math.max(0, Math.trunc((longest - height) / 2));
  return [-across, -down, width + 2 * across, height + 2 * down];
}
