/**
 * Pillow's antialiased bicubic resize, to the bit: two passes, each with weights in fixed point and bytes in between.
 *
 * Source of the arithmetic: Pillow's Resample.c (precompute_coeffs, normalize_coeffs_8bpc,
 * ImagingResampleHorizontal_8bpc).
 */

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

function weightsFor(from: number, to: number): FilterWeights {
  const scale = from / to, filterScale = Math.max(scale, 1), support = 2 * filterScale;
  const most = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to), count = new Int32Array(to), values = new Int32Array(to * most);
  for (let target = 0; target < to; target++) {
    const centre = (target + 0.5) * scale;
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

/** Resizes an image to exactly `width` by `height` pixels. */
export function resizeBicubic(image: RgbImage, width: number, height: number): RgbImage {
  // A pass that changes nothing is left out, as Pillow leaves it out.
  const across = image.width === width ? image : resizeRows(image, width);
  return across.height === height ? across : resizeColumns(across, height);
}

function resizeRows({ width, height, pixels }: RgbImage, to: number): RgbImage {
  const { first, count, values, most } = weightsFor(width, to);
  const out = new Uint8Array(to * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 1 << (precision - 1);
        for (let i = 0; i < count[x]; i++) {
          sum += pixels[(y * width + first[x] + i) * 3 + c] * values[x * most + i];
        }
        out[(y * to + x) * 3 + c] = clip(sum >> precision);
      }
    }
  }
  return { width: to, height, pixels: out };
}

function resizeColumns({ width, height, pixels }: RgbImage, to: number): RgbImage {
  const { first, count, values, most } = weightsFor(height, to);
  const out = new Uint8Array(width * to * 3), row = width * 3;
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < row; x++) {
      let sum = 1 << (precision - 1);
      for (let i = 0; i < count[y]; i++) sum += pixels[(first[y] + i) * row + x] * values[y * most + i];
      out[y * row + x] = clip(sum >> precision);
    }
  }
  return { width, height: to, pixels: out };
}

function clip(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
