/** Rows of a matrix, gathered by their indices. */
import * as tf from "./tf.ts";

/**
 * Copies rows of a matrix.
 *
 * @param x `[N, P]`
 * @param indices M indices below N, in any order, repeated or not
 * @returns `[M, P]`; the caller disposes it
 */
export function rowsAt(x: tf.Tensor2D, indices: readonly number[]): tf.Tensor2D {
  return tf.tidy(() => tf.gather(x, tf.tensor1d([...indices], "int32")));
}
