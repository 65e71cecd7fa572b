/** Formats means and differences with their uncertainty as text. */
import type { PairedInterval } from "../evaluation/bootstrap.ts";

/** Formats the mean and the sample standard deviation over runs, as "55.9 +- 1.1"; for one run the value alone. */
export function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return mean.toFixed(1);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(1)} +- ${Math.sqrt(variance).toFixed(1)}`;
}

/** Formats a difference in percentage points with its interval, as "+24.3 [20.1, 30.0]". */
export function interval({ difference, low, high }: PairedInterval): string {
  return `${difference < 0 ? "" : "+"}${difference.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
}
