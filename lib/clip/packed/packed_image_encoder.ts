/**
 * CLIP's image tower for features alone: those of `encodePixels`, with the last layer computed for the class token only
 * and each activation freed when it has been used.
 *
 * Letters: B images, S side in pixels, T tokens of an image, D width, P width of the shared embedding.
 */
import * as tf from "../../tensors/tf.ts";
import type { Weights } from "../../tensors/weights.ts";
import type { VisionConfig } from "../model/config.ts";
import { checkImages, embedPatches, projectImages } from "../model/image_encoder.ts";
import { runBlock } from "./block.ts";

/**
 * Encodes one batch of images; nothing is kept for a gradient.
 *
 * @param images `[B, S, S, 3]`, preprocessed as the model expects
 * @returns `[B, P]`, un-normalised; the caller disposes it
 * @throws {Error} if `images` has another shape
 */
export function encodePixelsPacked(weights: Weights, config: VisionConfig, images: tf.Tensor4D): tf.Tensor2D {
  checkImages(config, images);
  return tf.tidy(() => {
    const embedded = tf.tidy(() => embedPatches(weights, config, images)); // [B, T, D]
    const [B, T, D] = embedded.shape;
    let x = tf.reshape(embedded, [B * T, D]) as tf.Tensor2D; // [B T, D], at last [B, D]
    embedded.dispose();
    const all = { rows: B, slots: T, queries: T, from: 0, queryFrom: 0, prefix: 0 };
    const reads = tf.tensor1d(Int32Array.from({ length: B }, (_, image) => image * T), "int32"); // [B]
    for (let layer = 0; layer < config.layers; layer++) {
      const part = layer < config.layers - 1 ? { groups: [all] } : { groups: [{ ...all, queries: 1 }], reads };
      const { y, kept } = runBlock({ weights, config, tower: "vision_model", layer, ...part }, x);
      tf.dispose([x, kept]);
      x = y;
    }
    return projectImages(weights, config, x); // [B, P]
  });
}
