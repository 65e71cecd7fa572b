/** The difference of two means with Welch's interval, for a few values on each side. */
import type { PairedInterval } from "../evaluation/bootstrap.ts";

/** 97.5 % quantiles of Student's t with 1 to 10 degrees of freedom; above, that of 10 is a little too wide. */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * Compares the means of two independent samples.
 *
 * @returns `after` minus `before` with its 95 % interval, degrees of freedom rounded down; undefined with less than two
 *   values on a side
 */
export function welchInterval(before: readonly number[], after: readonly number[]): PairedInterval | undefined {
  if (before.length < 2 || after.length < 2) return undefined;
  const [a, b] = [before, after].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, error: squares / (values.length - 1) / values.length, degrees: values.length - 1 };
  });
  const difference = b.mean - a.mean, error = a.error + b.error;
  const degrees = error === 0
    ? quantiles.length
    : Math.floor(error ** 2 / (a.error ** 2 / a.degrees + b.error ** 2 / b.degrees) + 1e-9);
  const half = quantiles[Math.min(Math.max(degrees, 1), quantiles.length) - 1] * Math.sqrt(error);
  return { difference, low: difference - half, high: difference + half };
}
