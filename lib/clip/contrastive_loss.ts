/** CLIP's own loss: two-way InfoNCE over the pairs of a batch. */
import * as tf from "@tensorflow/tfjs";

/** Rows divided by their Euclidean length. `[B, P]` to `[B, P]`. */
export function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

/**
 * Mean of the two cross-entropies of `scale * <a_i, b_j>` along rows and along columns, the diagonal being right.
 * Radford et al. 2021, figure 3. Letters: B pairs, P width.
 *
 * @param a `[B, P]`, normalised
 * @param b `[B, P]`, normalised
 * @param scale one over the temperature
 */
export function clipLoss(a: tf.Tensor2D, b: tf.Tensor2D, scale: number | tf.Scalar): tf.Scalar {
  const logits = tf.mul(tf.matMul(a, b, false, true), scale); // [B, B]
  const right = tf.mul(tf.sum(tf.mul(a, b), 1), scale); // [B]
  const logSum = tf.add(tf.logSumExp(logits, 1), tf.logSumExp(logits, 0)); // [B]
  return tf.mean(tf.sub(tf.mul(logSum, 0.5), right)) as tf.Scalar;
}
