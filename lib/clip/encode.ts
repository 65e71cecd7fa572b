/** Encodes many texts or images in batches. Features are not normalised, as phi reads them. */
import * as tf from "../tensors/tf.ts";
import type { OnProgress } from "../io/on_progress.ts";
import type { Clip } from "./files/model_folder.ts";
import { encodePixelsPacked } from "./packed/packed_image_encoder.ts";
import { encodeBatch } from "./batch_encoder.ts";

/** Options of {@linkcode encodeImages}. */
export interface EncodeImagesOptions {
  /** Called after each batch with the images encoded so far and their total. */
  onProgress?: OnProgress;
  /** Images encoded at once (default 128). */
  batch?: number;
}

/** Options of {@linkcode encodeTexts}. */
export interface EncodeTextsOptions {
  /** `[N, D]`: one pseudo-token a text, which replaces its `[$]`; needed if and only if the texts have `[$]`. */
  pseudoTokens?: tf.Tensor2D;
  /** Called after each batch with the texts encoded so far and their total. */
  onProgress?: OnProgress;
  /** Texts encoded at once (default 256). */
  batch?: number;
}

/**
 * Encodes images in batches and returns un-normalised features `[N, P]`, P being the width of the shared embedding.
 *
 * @param clip a CLIP with its image tower loaded
 * @param pixels `[N, S, S, 3]` floats, as {@linkcode readImages} prepares them for this CLIP
 * @returns `[N, P]`, the caller's to dispose
 * @throws {Error} if the pixels are no whole number of this CLIP's images
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeImages, loadClip } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder(), { towers: "image" });
 * const S = clip.config.vision.imageSize;
 * const features = await encodeImages(clip, new Float32Array(2 * S * S * 3));
 * console.log(features.shape); // [2, 128]
 * ```
 */
export async function encodeImages(
  clip: Pick<Clip, "weights" | "config">,
  pixels: Float32Array,
  { onProgress = () => {}, batch = 128 }: EncodeImagesOptions = {},
): Promise<tf.Tensor2D> {
  const { weights, config } = clip;
  const S = config.vision.imageSize, size = S * S * 3, total = pixels.length / size;
  if (!Number.isInteger(total)) {
    throw new Error(
      `Encoding images failed: ${pixels.length} numbers are no whole number of images of ${S} x ${S} pixels with three ` +
        `numbers each (${size} an image); prepare them with readImages for this CLIP.`,
    );
  }
  const parts: tf.Tensor2D[] = [];
  try {
    for (let from = 0; from < total; from += batch) {
      const count = Math.min(batch, total - from);
      parts.push(tf.tidy(() => {
        const images = tf.tensor4d(pixels.subarray(from * size, (from + count) * size), [count, S, S, 3]); // [B, S, S, 3]
        return encodePixelsPacked(weights, config.vision, images); // [B, P]
      }));
      onProgress(from + count, total);
      await tf.nextFrame();
    }
    return joined(parts, config.projectionWidth);
  } finally {
    tf.dispose(parts);
  }
}

/**
 * Encodes texts in batches and returns un-normalised features `[N, P]` in the order of the texts; P is the width of the
 * shared embedding, D that of the text tower.
 *
 * Texts of similar length share a batch, so that little is padded.
 *
 * @param clip a CLIP with its text tower loaded; for a fine-tuned text encoder pass
 *   `{ ...clip, weights: { ...clip.weights, ...textEncoder.weights } }`
 * @param texts all with the placeholder `[$]`, or none
 * @returns `[N, P]`, the caller's to dispose
 * @throws {Error} if a text has a literal `$`, `pseudoTokens` and `[$]` do not come together, or there is not one
 *   pseudo-token a text
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeTexts, loadClip } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder(), { towers: "text" });
 * const features = await encodeTexts(clip, ["red heart", "blue heart"]);
 * console.log(features.shape); // [2, 128]
 * ```
 */
export async function encodeTexts(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  texts: readonly string[],
  { pseudoTokens, onProgress = () => {}, batch = 256 }: EncodeTextsOptions = {},
): Promise<tf.Tensor2D> {
  const { weights, config, tokenizer } = clip;
  if (pseudoTokens && pseudoTokens.shape[0] !== texts.length) {
    throw new Error(
      `Encoding texts failed: there are ${texts.length} texts and ${
        pseudoTokens.shape[0]
      } pseudo-tokens; pass one a text.`,
    );
  }
  if (texts.length === 0) return tf.zeros([0, config.projectionWidth]);
  const lengths = texts.map((text) => tokenizer.encode([text]).length);
  const order = [...texts.keys()].sort((a, b) => lengths[a] - lengths[b]);
  const sortedRowOf = new Int32Array(texts.length);
  order.forEach((index, row) => sortedRowOf[index] = row);
  const parts: tf.Tensor2D[] = [];
  try {
    for (let from = 0; from < order.length; from += batch) {
      const indices = order.slice(from, from + batch);
      parts.push(tf.tidy(() => {
        const embeddings = pseudoTokens && tf.gather(pseudoTokens, tf.tensor1d(indices, "int32")); // [B, D]
        const tokens = tokenizer.encode(indices.map((index) => texts[index]));
        return encodeBatch(weights, config.text, tokens, { pseudoTokens: embeddings }); // [B, P]
      }));
      onProgress(from + indices.length, texts.length);
      await tf.nextFrame();
    }
    return tf.tidy(() => {
      const sorted = joined(parts, config.projectionWidth); // [N, P], shortest text first
      return tf.gather(sorted, tf.tensor1d(sortedRowOf, "int32")); // [N, P]
    });
  } finally {
    tf.dispose(parts);
  }
}

/** Concatenates the batches' features; without batches the result is the empty `[0, P]`. */
function joined(parts: tf.Tensor2D[], P: number): tf.Tensor2D {
  return parts.length === 0 ? tf.zeros([0, P]) : tf.concat(parts) as tf.Tensor2D;
}
