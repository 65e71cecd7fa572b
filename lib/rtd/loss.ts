/**
 * The loss of RTD: *target-anchored* text contrastive learning (arXiv; *frozen-target* in the ICCV version, section
 * 3.2).
 *
 * Letters: N pairs, P width of the embedding, V the stack of targets and queries.
 */
import { ntXentLoss } from "../tensors/contrastive_losses.ts";
import type * as tf from "../tensors/tf.ts";

/**
 * Computes the contrastive loss between queries and the targets that anchor them. With `V = [t_1..t_N; q_1..q_N]` and
 * `p_i = <t_i, q_i> / tau` the positive of both of its halves:
 *
 * `L = -(1/2N) sum_i log( exp(p_i) / sum_{j != i} exp(<V_i, V_j> / tau) )`
 *
 * Pairs of the same side count as negatives; only a row's product with itself is left out (NT-Xent). RTD is
 * defined by the origin of both sides: targets come from the frozen encoder, queries from the trainable one.
 *
 * @param targets `[N, P]`, normalised: the frozen encoder's features of the target captions
 * @param queries `[N, P]`, normalised: the trainable encoder's features of the composed texts
 * @param temperature tau, above 0; 0.07 in the paper
 * @returns a scalar
 * @throws {Error} if the shapes differ, there are fewer than two pairs, or the temperature is not positive
 *
 * @example
 * ```ts
 * import { rtdLoss, tf, useDevice } from "@rtd/toolkit";
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
  return ntXentLoss(targets, queries, temperature);
}
