/** Noise on text embeddings, which simulates the difference between the embeddings of texts and of images. */
import type { Random } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";

/**
 * Draws `scale * u * n` with one u per row, uniform in [0, 1), and n standard normal: LinCIR (scale 1), RTD (scale
 * 0.5).
 *
 * @returns `[rows, width]`; the caller disposes it
 */
export function drawNoise(rows: number, width: number, scale: number, rng: Random): tf.Tensor2D {
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const u = scale * rng.uniform();
    for (let d = 0; d < width; d++) values[row * width + d] = u * rng.normal();
  }
  return tf.tensor2d(values, [rows, width]);
}
