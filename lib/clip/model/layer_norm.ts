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
    const { unit, inverse } = standardise(x, eps);
    save([unit, inverse, weight]);
    const value = tf.add(tf.mul(unit, weight), bias); // [R, D]
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [unit, inverse, weight] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const dx = standardiseGradient(tf.mul(dy, weight) as tf.Tensor2D, unit, inverse); // [R, D]
      return [dx, tf.sum(tf.mul(dy, unit), 0), tf.sum(dy, 0)];
    };
    return { value, gradFunc };
  });
  return normalise(x, weight, bias) as tf.Tensor2D;
}

/** Returns `unit = (x - mean) * inverse` `[R, D]` and `inverse = 1 / sqrt(variance + eps)` `[R, 1]` of `x` `[R, D]`. */
export function standardise(x: tf.Tensor2D, eps: number): { unit: tf.Tensor2D; inverse: tf.Tensor2D } {
  const centred = tf.sub(x, tf.mean(x, 1, true)); // [R, D]
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), eps)) as tf.Tensor2D; // [R, 1]
  return { unit: tf.mul(centred, inverse) as tf.Tensor2D, inverse };
}

/** The gradient of {@linkcode standardise} with respect to `x`, `[R, D]`, from that of `unit`, `[R, D]`. */
export function standardiseGradient(dUnit: tf.Tensor2D, unit: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor2D {
  const along = tf.mean(tf.mul(dUnit, unit), 1, true); // [R, 1]
  return tf.mul(inverse, tf.sub(tf.sub(dUnit, tf.mean(dUnit, 1, true)), tf.mul(unit, along))); // [R, D]
}
