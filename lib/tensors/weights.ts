/** Weights as plain named tensors, and functions to look up, apply, copy, read and dispose them. */
import type { NamedArray } from "../io/safetensors.ts";
import * as tf from "./tf.ts";

/** Tensors under Hugging Face's names, in Hugging Face's layout (a linear layer's weight is `[out, in]`). */
export type Weights = Record<string, tf.Tensor>;

/** Returns the tensor called `name`; the type parameter states its rank. @throws {Error} if there is none */
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

/**
 * Computes `x W^T + b` for a linear layer stored as `{name}.weight` `[out, in]` and, if it has one, `{name}.bias`
 * `[out]`.
 */
export function linear(x: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  const product = tf.matMul(x, weight<tf.Tensor2D>(weights, `${name}.weight`), false, true); // [R, out]
  const bias = weights[`${name}.bias`];
  return bias ? tf.add(product, bias) as tf.Tensor2D : product as tf.Tensor2D;
}

/** Copies weights; the copies outlive a surrounding `tf.tidy`, and the caller disposes them. */
export function cloneWeights(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.keep(tf.clone(tensor))]));
}

/**
 * Disposes every tensor of some weights.
 *
 * @example
 * ```ts
 * import { disposeWeights, loadEmbeddedModel, tf, useDevice } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const before = tf.memory().numTensors;
 * const { clip, phi } = await loadEmbeddedModel();
 * disposeWeights(clip.weights);
 * disposeWeights(phi.weights);
 * assertEquals(tf.memory().numTensors, before);
 * ```
 */
export function disposeWeights(weights: Weights): void {
  tf.dispose(Object.values(weights));
}

/** Returns the number of parameters of some weights. */
export function parameterCount(weights: Weights): number {
  return Object.values(weights).reduce((sum, { size }) => sum + size, 0);
}

/** Reads the values of weights back from the device, by name. */
export async function readArrays(weights: Weights): Promise<Record<string, NamedArray>> {
  const arrays: Record<string, NamedArray> = {};
  for (const [name, tensor] of Object.entries(weights)) {
    arrays[name] = { shape: tensor.shape, values: await tensor.data() as Float32Array };
  }
  return arrays;
}

/** Returns whether every number of every tensor is finite, by one scalar that is read back. */
export async function allFinite(weights: Weights): Promise<boolean> {
  const tensors = Object.values(weights).filter(({ size }) => size > 0);
  if (tensors.length === 0) return true;
  // Zero times a finite number is zero; times NaN or infinity it is NaN.
  const sum = tf.tidy(() => tf.addN(tensors.map((tensor) => tf.sum(tf.mul(tensor, 0)))));
  const [value] = await sum.data();
  sum.dispose();
  return value === 0;
}
