/**
 * The average of the weights of a frozen and a fine-tuned text encoder (WiSE-FT, arXiv 2109.01903): one fine-tuning gives
 * a curve between what the frozen encoder retrieves and what the fine-tuned one does, without further training.
 */
import * as tf from "../tensors/tf.ts";
import { weight, type Weights } from "../tensors/weights.ts";

/**
 * Computes `(1 - share) W + share W'` for every weight `W'` of a fine-tuned encoder and the frozen one's `W`; neither is
 * changed.
 *
 * @param frozen weights of the CLIP that was fine-tuned; those that `tuned` does not have are not read
 * @param tuned weights of the fine-tuned text encoder
 * @param share of the fine-tuned encoder: 0 gives the frozen one, 1 the fine-tuned one
 * @returns the averages by the names of `tuned`, the caller's to dispose
 * @throws {Error} if the share is not from 0 to 1, or a weight is missing or has another shape
 * @example
 * ```ts
 * import { tf, useDevice } from "@rtd/toolkit";
 * import { averageWeights } from "@rtd/toolkit/rtd";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const [frozen, tuned] = [{ bias: tf.tensor1d([1, 2]) }, { bias: tf.tensor1d([3, 6]) }];
 * const { bias } = averageWeights(frozen, tuned, 0.25);
 * assertEquals([...await bias.data()], [1.5, 3]);
 * ```
 */
export function averageWeights(frozen: Weights, tuned: Weights, share: number): Weights {
  if (!(share >= 0 && share <= 1)) {
    throw new Error(`Averaging weights failed: share is ${share}, expected a number from 0 to 1.`);
  }
  for (const [name, { shape }] of Object.entries(tuned)) {
    const own = weight(frozen, name).shape;
    if (own.join() === shape.join()) continue;
    throw new Error(
      `Averaging weights failed: ${name} is [${own}] in the frozen encoder and [${shape}] in the fine-tuned one; name ` +
        "the CLIP that was fine-tuned.",
    );
  }
  return Object.fromEntries(
    Object.entries(tuned).map(([name, after]) => [
      name,
      tf.tidy(() => tf.add(tf.mul(weight(frozen, name), 1 - share), tf.mul(after, share))), // the weight's own
    ]),
  );
}
