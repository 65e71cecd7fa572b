/**
 * Pillow's antialiased bicubic resize, to the bit: two passes, each with weights in fixed point and bytes in between.
 *
 * Source of the arithmetic: Pillow's Resample.c (precompute_coeffs, normalize_coeffs_8bpc,
 * ImagingResampleHorizontal_8bpc).
 */
import type { Box } from "./region.ts";

/** An 8-bit image in red, green and blue. */
export interface RgbImage {
  /** Pixels a row. */
  width: number;
  /** Rows. */
  height: number;
  /** `[height, width, 3]` bytes, row after row. */
  pixels: Uint8Array;
}

/** Bits behind the point of a weight: 32 less 8 for the bytes and 2 for sums that overshoot. */
const precision = 22;

interface FilterWeights {
  /** First source pixel of each target pixel. */
  first: Int32Array;
  /** Number of source pixels of each target pixel. */
  count: Int32Array;
  /** `[target, most]`, fixed point. */
  values: Int32Array;
  /** Most source pixels of any target pixel. */
  most: number;
}

/** Keys' cubic with a = -0.5, as Pillow. */
function bicubic(x: number): number {
  const a = -0.5, d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

/** The weights of `length` target pixels, the first at `start`, of a side that goes from `from` to `to` pixels. */
function weightsFor(from: number, to: number, start: number, length: number): FilterWeights {
  const scale = from / to, filterScale = Math.max(scale, 1), support = 2 * filterScale;
  const most = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(length), count = new Int32Array(length), values = new Int32Array(length * most);
  for (let target = 0; target < length; target++) {
    const centre = (start + target + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: high - low }, (_, i) => bicubic((i + low - centre + 0.5) / filterScale));
    const sum = weights.reduce((a, b) => a + b, 0);
    first[target] = low;
    count[target] = high - low;
    weights.forEach((weight, i) => {
      const fixed = (sum !== 0 ? weight / sum : weight) * (1 << precision);
      values[target * most + i] = Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    });
  }
  return { first, count, values, most };
}

/** To which size an image is resized, and which part of the result is wanted. */
export interface ResizeOptions {
  /** Pixels a row of the whole result. */
  width: number;
  /** Rows of the whole result. */
  height: number;
  /** The part of the result that is computed; it lies inside. */
  part: Box;
  /** The box, in pixels of the image, that is resized; it contains the image, and what lies around that is black. */
  frame: Box;
}

/**
 * Resizes an image, or a black frame with the image in it, and returns a part of the result. Nothing that the part
 * does not need is computed: a narrow image becomes millions of rows, of which the middle is wanted.
 */
export function resizeBicubic(image: RgbImage, { width, height, part, frame }: ResizeOptions): RgbImage {
  const [left, top, across, down] = part, [, , frameWidth, frameHeight] = frame;
  // A pass that changes nothing is left out, as Pillow leaves it out.
  const columns = frameWidth === width ? undefined : weightsFor(frameWidth, width, left, across);
  const rows = frameHeight === height ? undefined : weightsFor(frameHeight, height, top, down);
  // The rows of the frame that the second pass reads.
  const from = rows ? rows.first[0] : top;
  const until = rows ? rows.first[down - 1] + rows.count[down - 1] : top + down;
  const narrowed = resizeRows(image, frame, [from, until], columns, [left, across]);
  return rows ? resizeColumns(narrowed, from, rows) : narrowed;
}

/** Resizes the rows `from` to `until` of the frame to `across` pixels; without weights it copies them from `left`. */
function resizeRows(
  { width, height, pixels }: RgbImage,
  [frameLeft, frameTop]: Box,
  [from, until]: readonly [number, number],
  weights: FilterWeights | undefined,
  [left, across]: readonly [number, number],
): RgbImage {
  const out = new Uint8Array(across * (until - from) * 3);
  // Rows and pixels outside the image are black and add nothing to a sum.
  for (let y = Math.max(from, -frameTop); y < Math.min(until, height - frameTop); y++) {
    const row = (y + frameTop) * width, outRow = (y - from) * across;
    if (!weights) {
      const begin = Math.max(0, left + frameLeft), end = Math.min(width, left + frameLeft + across);
      if (begin >= end) continue;
      out.set(pixels.subarray((row + begin) * 3, (row + end) * 3), (outRow + begin - left - frameLeft) * 3);
      continue;
    }
    const { first, count, values, most } = weights;
    for (let x = 0; x < across; x++) {
      const start = first[x] + frameLeft;
      const begin = Math.max(0, -start), end = Math.min(count[x], width - start);
      for (let c = 0; c < 3; c++) {
        let sum = 1 << (precision - 1);
        for (let i = begin; i < end; i++) sum += pixels[(row + start + i) * 3 + c] * values[x * most + i];
        out[(outRow + x) * 3 + c] = clip(sum >> precision);
      }
    }
  }
  return { width: across, height: until - from, pixels: out };
}

/** Resizes the columns of an image whose first row is row `from` of the frame. */
function resizeColumns({ width, pixels }: RgbImage, from: number, weights: FilterWeights): RgbImage {
  const { first, count, values, most } = weights, to = first.length;
  const out = new Uint8Array(width * to * 3), row = width * 3;
  for (let y = 0; y < to; y++) {
    const start = first[y] - from;
    for (let x = 0; x < row; x++) {
      let sum = 1 << (precision - 1);
      for (let i = 0; i < count[y]; i++) sum += pixels[(start + i) * row + x] * values[y * most + i];
      out[y * row + x] = clip(sum >> precision);
    }
  }
  return { width, height: to, pixels: out };
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
