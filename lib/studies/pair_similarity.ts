/**
 * How near two things that should be the same lie to each other, beside things that should not.
 *
 * Letters: N pairs, P width of the rows.
 */
import { recallAt } from "../evaluation/metrics.ts";
import { rankGallery } from "../evaluation/ranking.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";
import { sixDecimals } from "./six_decimals.ts";

/** How near the rows of pairs lie to each other. */
export interface PairSimilarity {
  /** Mean cosine of the two rows of a pair. */
  own: number;
  /** Mean cosine of rows of different pairs: what chance gives. */
  other: number;
  /** Percent of the first rows whose nearest second row is that of their own pair, or of one with the same name. */
  found: number;
}

/**
 * Measures pairs.
 *
 * @param first `[N, P]`, of any norm
 * @param second `[N, P]`, of any norm; row i belongs to row i of `first`
 * @param names of the pairs; pairs of one name are the same thing, such as images of one caption
 * @param others `[N, P]`: a row that does not belong to each of `first`; absent: `second` of all other pairs
 */
export async function pairSimilarity(
  first: tf.Tensor2D,
  second: tf.Tensor2D,
  { names, others }: { names: readonly string[]; others?: tf.Tensor2D },
): Promise<PairSimilarity> {
  const N = names.length;
  const cosines = tf.tidy(() => {
    const [a, b] = [normaliseRows(first), normaliseRows(second)]; // [N, P]
    const own = tf.sum(tf.mul(a, b)); // []
    if (others) return tf.stack([own, tf.sum(tf.mul(a, normaliseRows(others)))]); // [2]
    // The sum over all pairs of rows is the product of the sums.
    return tf.stack([own, tf.sub(tf.sum(tf.mul(tf.sum(a, 0), tf.sum(b, 0))), own)]); // [2]
  });
  const [own, other] = await cosines.data();
  cosines.dispose();
  const indices = Map.groupBy(names.keys(), (i) => names[i]);
  const relevance = names.map((name) => ({ correct: indices.get(name)!, excluded: [] }));
  const rankings = await rankGallery({ queries: first, gallery: second, relevance, top: 1 });
  return {
    own: sixDecimals(own / N),
    other: sixDecimals(other / (others ? N : N * (N - 1))),
    found: sixDecimals(recallAt(rankings.map(({ ranks }) => Math.min(...ranks)), 1)),
  };
}
