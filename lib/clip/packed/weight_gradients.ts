/** Gradients of the layers of a transformer, for those parameters that are trained; the others cost nothing. */
import * as tf from "../../tensors/tf.ts";
import { weight, type Weights } from "../../tensors/weights.ts";
import { standardiseGradient } from "../model/layer_norm.ts";

/** Where the gradients of trained parameters are collected. */
export interface WeightGradients {
  /** Whether a parameter is trained. */
  trainable: (name: string) => boolean;
  /** The gradients so far, by the parameter's name. */
  collected: Weights;
}

/**
 * The gradient of `linear(x, weights, name)` with respect to `x`.
 *
 * @param dy `[R, out]`
 * @param x `[R, in]`, the layer's input; called only if the weight is trained
 * @returns `[R, in]`
 */
export function linearGradient(
  dy: tf.Tensor2D,
  x: () => tf.Tensor2D,
  weights: Weights,
  name: string,
  { trainable, collected }: WeightGradients,
): tf.Tensor2D {
  const matrix = `${name}.weight`, bias = `${name}.bias`;
  if (trainable(matrix)) collected[matrix] = tf.matMul(dy, x(), true, false); // [out, in]
  if (weights[bias] && trainable(bias)) collected[bias] = tf.sum(dy, 0); // [out]
  return tf.matMul(dy, weight<tf.Tensor2D>(weights, matrix)) as tf.Tensor2D;
}

/**
 * The gradient of the layer normalisation stored as `{name}.weight` and `{name}.bias` with respect to its input.
 *
 * @param dy `[R, D]`
 * @param unit `[R, D]`, from `standardise`
 * @param inverse `[R, 1]`, from `standardise`
 * @returns `[R, D]`
 */
export function normGradient(
  dy: tf.Tensor2D,
  unit: tf.Tensor2D,
  inverse: tf.Tensor2D,
  weights: Weights,
  name: string,
  { trainable, collected }: WeightGradients,
): tf.Tensor2D {
  const gain = `${name}.weight`, bias = `${name}.bias`;
  if (trainable(gain)) collected[gain] = tf.sum(tf.mul(dy, unit), 0); // [D]
  if (trainable(bias)) collected[bias] = tf.sum(dy, 0); // [D]
  return standardiseGradient(tf.mul(dy, weight(weights, gain)) as tf.Tensor2D, unit, inverse);
}
