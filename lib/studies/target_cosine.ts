/** How near queries are to their targets. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";

/**
 * Computes the sum of the cosines of encoded queries with their first target image.
 *
 * @param queries `[A, P]`, one row for each of `indices`
 * @param indices of the queries in `part.queries`
 * @returns the sum, and the number of queries whose target has features
 */
export async function targetCosines(
  queries: tf.Tensor2D,
  { part, indices, features }: { part: BenchmarkPart; indices: readonly number[]; features: FeatureRows },
): Promise<{ sum: number; count: number }> {
  const pairs = indices.map((at, row) => [row, features.index.get(part.queries[at].targets[0])])
    .filter((pair): pair is [number, number] => pair[1] !== undefined);
  if (pairs.length === 0) return { sum: 0, count: 0 };
  const own = rowsAt(queries, pairs.map(([row]) => row)); // [K, P]
  const targets = rowsAt(features.rows, pairs.map(([, row]) => row)); // [K, P]
  const total = tf.tidy(() => tf.sum(tf.mul(normaliseRows(own), normaliseRows(targets)))); // []
  const [sum] = await total.data();
  tf.dispose([own, targets, total]);
  return { sum, count: pairs.length };
}
