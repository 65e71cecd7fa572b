/**
 * CLIP's image tower, a vision transformer.
 *
 * Letters: B images, S side in pixels, p side of a patch, G = S/p patches a side, T = 1 + G G tokens, D width,
 * P width of the shared embedding.
 */
import * as tf from "../../tensors/tf.ts";
import type { VisionConfig } from "./config.ts";
import { norm, transformer } from "./transformer.ts";
import { weight, type Weights } from "../../tensors/weights.ts";

/**
 * Encodes one batch of images and returns un-normalised features `[B, P]`; differentiable.
 *
 * @param weights the image tower's weights and its projection
 * @param config the image tower's sizes
 * @param images `[B, S, S, 3]`, preprocessed as the model expects
 * @returns `[B, P]`, the caller's to dispose
 * @throws {Error} if `images` has another shape
 */
export function encodePixels(weights: Weights, config: VisionConfig, images: tf.Tensor4D): tf.Tensor2D {
  checkImages(config, images);
  return tf.tidy(() => {
    const x = embedPatches(weights, config, images); // [B, T, D]
    const y = transformer(x, weights, "vision_model", config); // [B, T, D]
    const pooled = tf.slice(y, [0, 0, 0], [-1, 1, -1]).reshape([-1, config.width]) as tf.Tensor2D; // [B, D]
    return projectImages(weights, config, pooled); // [B, P]
  });
}

/** @throws {Error} if `images` is not `[B, S, S, 3]` */
export function checkImages({ imageSize: S }: VisionConfig, images: tf.Tensor4D): void {
  const [, height, width, channels] = images.shape;
  if (height === S && width === S && channels === 3) return;
  throw new Error(`Encoding images failed: images is [${images.shape}], expected [B, S, S, 3] with S = ${S}.`);
}

/** The normalised embeddings of the class token and of all patches, `[B, T, D]`. */
export function embedPatches(weights: Weights, config: VisionConfig, images: tf.Tensor4D): tf.Tensor3D {
  const B = images.shape[0], p = config.patchSize, G = config.imageSize / p, D = config.width, T = 1 + G * G;
  // The convolution's stride is its kernel, so it is one product over patches.
  const rows = tf.transpose(images.reshape([B * G, p, G, p * 3]), [0, 2, 1, 3]); // [B G, G, p, 3 p]
  const patches = tf.reshape(rows, [B * G * G, p * p * 3]) as tf.Tensor2D; // [B G G, 3 p p]
  const kernel = weight<tf.Tensor4D>(weights, "vision_model.embeddings.patch_embedding.weight"); // [D, 3, p, p]
  const filters = tf.transpose(kernel, [0, 2, 3, 1]).reshape([-1, p * p * 3]); // [D, 3 p p]
  const patchEmbeddings = tf.matMul(patches, filters, false, true).reshape([B, G * G, D]); // [B, G G, D]
  const classEmbedding = weight<tf.Tensor1D>(weights, "vision_model.embeddings.class_embedding"); // [D]
  const tokens = tf.concat([tf.tile(classEmbedding.reshape([1, 1, D]), [B, 1, 1]), patchEmbeddings], 1); // [B, T, D]
  const positionTable = weight<tf.Tensor2D>(weights, "vision_model.embeddings.position_embedding.weight"); // [T, D]
  const x = tf.add(tokens, positionTable).reshape([B * T, D]) as tf.Tensor2D; // [B T, D]
  return norm(x, weights, "vision_model.pre_layrnorm", config).reshape([B, T, D]) as tf.Tensor3D;
}

/** The features `[B, P]` of the class tokens `[B, D]`. */
export function projectImages(weights: Weights, config: VisionConfig, pooled: tf.Tensor2D): tf.Tensor2D {
  const final = norm(pooled, weights, "vision_model.post_layernorm", config); // [B, D]
  return tf.matMul(final, weight<tf.Tensor2D>(weights, "visual_projection.weight"), false, true); // [B, P]
}
