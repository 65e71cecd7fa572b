/**
 * Contrastive losses over batches of pairs, and the normalisation that they need.
 *
 * Letters: N pairs (B rows of any batch), P width of the embedding.
 */
import * as tf from "./tf.ts";

/** Divides each row by its Euclidean norm; a row of zeros stays zero. `[B, P]` to `[B, P]`. */
export function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

/**
 * Computes CLIP's loss, two-way InfoNCE (Radford et al. 2021, figure 3): the mean of the cross-entropies of
 * `scale * <a_i, b_j>` along rows and along columns, the pair of each row being the correct class.
 *
 * @param a `[N, P]`, normalised
 * @param b `[N, P]`, normalised
 * @param scale one over the temperature
 * @returns a scalar
 */
export function clipLoss(a: tf.Tensor2D, b: tf.Tensor2D, scale: number | tf.Scalar): tf.Scalar {
  const logits = tf.mul(tf.matMul(a, b, false, true), scale); // [N, N]
  const positive = tf.mul(tf.sum(tf.mul(a, b), 1), scale); // [N]
  const logSum = tf.add(tf.logSumExp(logits, 1), tf.logSumExp(logits, 0)); // [N]
  return tf.mean(tf.sub(tf.mul(logSum, 0.5), positive)) as tf.Scalar;
}

/**
 * Computes NT-Xent (Chen et al. 2020, SimCLR): cross-entropy over the stack of both sides. With `V = [a_1..a_N;
 * b_1..b_N]` and `p_i = <a_i, b_i> / temperature` the positive of both of its halves,
 *
 * `L = -(1/2N) sum_i log( exp(p_i) / sum_{j != i} exp(<V_i, V_j> / temperature) )`
 *
 * Rows of the same side are negatives of each other; only a row's product with itself is left out. Computed as a masked
 * log-sum-exp, since `exp(1 / temperature)` overflows a 32-bit float for temperatures below 0.0113.
 *
 * @param a `[N, P]`, normalised
 * @param b `[N, P]`, normalised
 * @param temperature above 0
 * @returns a scalar
 */
export function ntXentLoss(a: tf.Tensor2D, b: tf.Tensor2D, temperature: number): tf.Scalar {
  const N = a.shape[0];
  return tf.tidy(() => {
    const V = tf.concat([a, b]) as tf.Tensor2D; // [2N, P]
    const logits = tf.mul(tf.matMul(V, V, false, true), 1 / temperature); // [2N, 2N]
    const others = tf.logSumExp(tf.add(logits, tf.mul(tf.eye(2 * N), -1e9)), 1); // [2N]
    const positive = tf.mul(tf.sum(tf.mul(a, b), 1), 1 / temperature); // [N]
    return tf.sub(tf.mean(others), tf.mean(positive)) as tf.Scalar;
  });
}

/** Computes `mean(1 - cos(a_i, b_i))` over rows, which need not be normalised. `[N, P]`, `[N, P]` to a scalar. */
export function cosineLoss(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.sub(1, tf.sum(tf.mul(normaliseRows(a), normaliseRows(b)), 1))) as tf.Scalar;
}
