/**
 * The target-anchored text contrastive loss (RTD, section 3.2; "frozen-target" in the final version).
 *
 * Letters: N pairs, P width of the embedding, V the stack of targets and queries.
 */
import * as tf from "@tensorflow/tfjs";

/**
 * With `V = [t_1..t_N; q_1..q_N]` and `p_i = <t_i, q_i> / tau` the positive of both of its halves:
 *
 * `L = -(1/2N) sum_i log( exp(p_i) / sum_{j != i} exp(<V_i, V_j> / tau) )`
 *
 * Pairs of the same side count as negatives; only a row's product with itself is left out. Computed as a masked
 * log-sum-exp: `exp(1 / tau)` overflows a 32-bit float below tau = 0.0113, the log-sum-exp does not.
 *
 * @param targets `[N, P]`, normalised: the frozen encoder's features of the target captions
 * @param queries `[N, P]`, normalised: the trainable encoder's features of the composed texts
 * @param temperature tau
 * @returns a scalar
 * @throws {Error} if the shapes differ or there are fewer than two pairs
 *
 * @example
 * ```ts
 * import { rtdLoss, useDevice } from "@rtd/toolkit";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const apart = tf.tensor2d([[1, 0], [0, 1]]); // queries equal to their targets, the two pairs orthogonal
 * const [loss] = await rtdLoss(apart, apart, 1).data();
 * assertAlmostEquals(loss, Math.log(Math.E + 2) - 1, 1e-6);
 * ```
 */
export function rtdLoss(targets: tf.Tensor2D, queries: tf.Tensor2D, temperature: number): tf.Scalar {
  const [N, P] = targets.shape;
  if (queries.shape[0] !== N || queries.shape[1] !== P || N < 2) {
    throw new Error(
      `Computing the RTD loss failed: targets is [${targets.shape}] and queries [${queries.shape}], ` +
        `expected both [N, P] with N at least 2.`,
    );
  }
  if (!(temperature > 0)) {
    throw new Error(`Computing the RTD loss failed: temperature is ${temperature}, expected a positive number.`);
  }
  return tf.tidy(() => {
    const V = tf.concat([targets, queries]) as tf.Tensor2D; // [2N, P]
    const logits = tf.mul(tf.matMul(V, V, false, true), 1 / temperature); // [2N, 2N]
    const others = tf.logSumExp(tf.add(logits, tf.mul(tf.eye(2 * N), -1e9)), 1); // [2N]
    const positive = tf.mul(tf.sum(tf.mul(targets, queries), 1), 1 / temperature); // [N]
    return tf.sub(tf.mean(others), tf.mean(positive)) as tf.Scalar;
  });
}
