/** Models whose weights are rounded to half precision, in which the released evaluations keep them. */
import { jsonHash } from "../../io/hash.ts";
import type { Weights } from "../../tensors/weights.ts";
import * as tf from "../../tensors/tf.ts";
import { clipIdentity } from "./clip_identity.ts";
import type { Clip } from "./model_folder.ts";

/**
 * Rounds weights to half precision (IEEE 754 binary16, to the nearest, halves to even); they stay 32-bit tensors, and what
 * is computed with them stays in 32 bits.
 *
 * @returns new tensors; the caller disposes them, and keeps the old ones
 * @throws {Error} if a weight is too large for half precision (65,520 or more), naming its tensor
 */
export async function roundToHalf(weights: Weights): Promise<Weights> {
  const rounded: Weights = {};
  try {
    for (const [name, tensor] of Object.entries(weights)) {
      const values = Float32Array.from(Float16Array.from(await tensor.data()));
      const large = values.find((value) => !Number.isFinite(value));
      if (large !== undefined) {
        throw new Error(`Rounding to half precision failed: "${name}" holds a weight beyond 65504; leave --half out.`);
      }
      rounded[name] = tf.tensor(values, tensor.shape);
    }
    return rounded;
  } catch (error) {
    tf.dispose(rounded);
    throw error;
  }
}

/** The hash of a model whose weights were rounded: another one, so that caches and results tell it from the model's own. */
export function halfHash(hash: string): Promise<string> {
  return jsonHash([hash, "rounded to half precision"]);
}

/**
 * Rounds a CLIP's weights to half precision; its hash and identity become others. The old weights are disposed.
 *
 * @throws {Error} as {@linkcode roundToHalf}
 */
export async function clipInHalf(clip: Clip): Promise<Clip> {
  const weights = await roundToHalf(clip.weights), hash = await halfHash(clip.hash);
  tf.dispose(clip.weights);
  const changed = { ...clip, weights, hash };
  return { ...changed, identity: await clipIdentity(changed) };
}

/** Rounds the weights of a phi or a text encoder as {@linkcode clipInHalf} those of a CLIP. */
export async function modelInHalf<Model extends { weights: Weights; hash: string }>(model: Model): Promise<Model> {
  const weights = await roundToHalf(model.weights);
  tf.dispose(model.weights);
  return { ...model, weights, hash: await halfHash(model.hash) };
}
