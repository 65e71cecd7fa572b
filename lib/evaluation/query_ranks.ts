/**
 * The other direction of a retrieval: all queries ranked for the target of each (COCO object composition).
 *
 * Letters: A queries, M of them with a target, P width of the embedding.
 */
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";

/** What {@linkcode rankQueriesByTarget} ranks. */
export interface QueryRanksOptions {
  /** `[M, P]`: features of the targets, of any norm. */
  targets: tf.Tensor2D;
  /** `[M]`: index of each target's query. */
  owners: readonly number[];
  /** `[A, P]`: features of all queries, of any norm. */
  queries: tf.Tensor2D;
  /** `[A, P]`: second features of the queries, whose similarities multiply those of the first. */
  factors?: tf.Tensor2D;
}

/**
 * Ranks all queries for each target by cosine similarity, in 32-bit floats; of equal ones the first is the better.
 *
 * @returns `[M]`: rank of each target's own query, counted from 1
 */
export async function rankQueriesByTarget(
  { targets, owners, queries, factors }: QueryRanksOptions,
): Promise<number[]> {
  const A = queries.shape[0], ranks: number[] = [];
  // Blocks of 16 MB of scores.
  const block = Math.max(1, Math.floor(2 ** 22 / A));
  for (let from = 0; from < owners.length; from += block) {
    const count = Math.min(block, owners.length - from);
    const scores = tf.tidy(() => {
      const images = normaliseRows(tf.slice(targets, [from, 0], [count, -1])); // [B, P]
      const similarity = (rows: tf.Tensor2D) => tf.matMul(images, normaliseRows(rows), false, true); // [B, A]
      return factors ? tf.mul(tf.relu(similarity(queries)), tf.relu(similarity(factors))) : similarity(queries);
    });
    const values = await scores.data() as Float32Array;
    scores.dispose();
    for (let i = 0; i < count; i++) {
      const row = values.subarray(i * A, (i + 1) * A), own = owners[from + i];
      ranks.push(1 + row.reduce((before, score, at) => before + Number(precedes(row, at, score, own)), 0));
    }
  }
  return ranks;
}

function precedes(row: Float32Array, at: number, score: number, own: number): boolean {
  return score > row[own] || (score === row[own] && at < own);
}
