/** Layer normalisation with its own gradient: half the passes over memory that the composed operations take. */
import * as tf from "../../tensors/tf.ts";

/**
 * Layer normalisation, `(x - mean) / sqrt(variance + eps) * weight + bias` over the last axis, as `torch.nn.LayerNorm`.
 * Letters: R rows, D width.
 *
 * @param x `[R, D]`
 * @param weight `[D]`
 * @param bias `[D]`
 * @param eps added to the variance
 * @returns `[R, D]`
 */
export function layerNorm(x: tf.Tensor2D, weight: tf.Tensor1D, bias: tf.Tensor1D, eps: number): tf.Tensor2D {
  const normalise = tf.customGrad((...args) => {
    const [x, weight, bias, save] = args as unknown as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const centred = tf.sub(x, tf.mean(x, 1, true)); // [R, D]
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), eps)); // [R, 1]
    const unit = tf.mul(centred, inverse) as tf.Tensor2D; // [R, D]
    save([unit, inverse, weight]);
    const value = tf.add(tf.mul(unit, weight), bias); // [R, D]
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [unit, inverse, weight] = saved;
      const dUnit = tf.mul(dy, weight); // [R, D]
      const along = tf.mean(tf.mul(dUnit, unit), 1, true); // [R, 1]
      const dx = tf.mul(inverse, tf.sub(tf.sub(dUnit, tf.mean(dUnit, 1, true)), tf.mul(unit, along))); // [R, D]
      return [dx, tf.sum(tf.mul(dy, unit), 0), tf.sum(dy, 0)];
    };
    return { value, gradFunc };
  });
  return normalise(x, weight, bias) as tf.Tensor2D;
}
