/** Features of many texts or pictures, in batches that fit. Not normalised, as phi reads them; the caller's to dispose. */
import * as tf from "@tensorflow/tfjs";
import type { ClipConfig } from "./config.ts";
import { encodeImage } from "./image_encoder.ts";
import type { Clip } from "./model_folder.ts";
import { encodeText } from "./text_encoder.ts";
import type { Weights } from "./weights.ts";

/** How far a long encoding is. */
export type OnEncoded = (done: number, total: number) => void;

/**
 * Encodes pictures.
 *
 * @param pixels `[N, S, S, 3]` floats, as the model's preprocessing makes them
 * @returns `[N, P]`
 */
export async function encodePictures(
  weights: Weights,
  config: ClipConfig,
  pixels: Float32Array,
  onEncoded: OnEncoded = () => {},
  batch = 128,
): Promise<tf.Tensor2D> {
  const S = config.vision.imageSize, size = S * S * 3, total = pixels.length / size;
  const parts: tf.Tensor2D[] = [];
  for (let from = 0; from < total; from += batch) {
    const count = Math.min(batch, total - from);
    parts.push(tf.tidy(() => {
      const shown = tf.tensor4d(pixels.subarray(from * size, (from + count) * size), [count, S, S, 3]); // [B, S, S, 3]
      return encodeImage(weights, config.vision, shown); // [B, P]
    }));
    onEncoded(from + count, total);
    await tf.nextFrame();
  }
  return joined(parts, config.projectionWidth);
}

/**
 * Encodes texts, shortest first so that little is padded, and returns them in the order given.
 *
 * @param pseudoWords `[N, D]` for texts with `[$]`
 * @returns `[N, P]`
 */
export async function encodeTexts(
  { weights, config, tokenizer }: Pick<Clip, "weights" | "config" | "tokenizer">,
  texts: readonly string[],
  pseudoWords?: tf.Tensor2D,
  onEncoded: OnEncoded = () => {},
  batch = 256,
): Promise<tf.Tensor2D> {
  const length = texts.map((text) => tokenizer.encode([text]).length);
  const order = [...texts.keys()].sort((a, b) => length[a] - length[b]);
  const place = new Int32Array(texts.length);
  order.forEach((index, at) => place[index] = at);
  const parts: tf.Tensor2D[] = [];
  for (let from = 0; from < order.length; from += batch) {
    const rows = order.slice(from, from + batch);
    parts.push(tf.tidy(() => {
      const words = pseudoWords && tf.gather(pseudoWords, tf.tensor1d(rows, "int32")); // [B, D]
      const tokens = tokenizer.encode(rows.map((row) => texts[row]));
      return encodeText(weights, config.text, tokens, words); // [B, P]
    }));
    onEncoded(from + rows.length, texts.length);
    await tf.nextFrame();
  }
  const sorted = joined(parts, config.projectionWidth);
  const features = tf.tidy(() => tf.gather(sorted, tf.tensor1d(place, "int32")));
  sorted.dispose();
  return features;
}

/** The parts in one; of none the empty `[0, P]`. */
function joined(parts: tf.Tensor2D[], P: number): tf.Tensor2D {
  if (parts.length === 0) return tf.zeros([0, P]);
  const whole = tf.concat(parts) as tf.Tensor2D;
  tf.dispose(parts);
  return whole;
}
