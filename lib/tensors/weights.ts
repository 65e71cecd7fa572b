/** Weights as plain named tensors, and the three things everybody does with them. */
import type { NamedArray } from "../io/safetensors.ts";
import * as tf from "./tf.ts";

/** Tensors under Hugging Face's names, in Hugging Face's layout (a linear layer's weight is `[out, in]`). */
export type Weights = Record<string, tf.Tensor>;

/** The tensor called `name`, of a known rank. @throws {Error} if there is none, naming it. */
export function weight<T extends tf.Tensor>(weights: Weights, name: string): T {
  const found = weights[name];
  if (!found) {
    throw new Error(
      `Looking up the weight "${name}" failed: it is not among the ${Object.keys(weights).length} loaded; ` +
        `is this the right checkpoint?`,
    );
  }
  return found as T;
}

/** `x W^T + b` for a linear layer stored as `{name}.weight` `[out, in]` and, if it has one, `{name}.bias` `[out]`. */
export function linear(x: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  const product = tf.matMul(x, weight<tf.Tensor2D>(weights, `${name}.weight`), false, true); // [R, out]
  const bias = weights[`${name}.bias`];
  return bias ? tf.add(product, bias) as tf.Tensor2D : product as tf.Tensor2D;
}

/** Copies that live until they are disposed, whatever scope they are made in. */
export function cloneWeights(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.keep(tf.clone(tensor))]));
}

/** Frees every tensor. */
export function disposeWeights(weights: Weights): void {
  tf.dispose(Object.values(weights));
}

/** The weights' values, read back from the device. */
export async function readArrays(weights: Weights): Promise<Record<string, NamedArray>> {
  const arrays: Record<string, NamedArray> = {};
  for (const [name, tensor] of Object.entries(weights)) {
    arrays[name] = { shape: tensor.shape, values: await tensor.data() as Float32Array };
  }
  return arrays;
}
