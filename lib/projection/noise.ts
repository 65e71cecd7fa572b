/** The noise that stands in for the difference between a text's embedding and a picture's. */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "../training/random.ts";

/**
 * `scale * u * n` with u uniform in [0, 1), one a row, and n standard normal: LinCIR (scale 1) and RTD (scale 0.5).
 * @returns `[rows, width]`
 */
export function drawNoise(rows: number, width: number, scale: number, rng: Random): tf.Tensor2D {
  const values = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const u = scale * rng.uniform();
    for (let d = 0; d < width; d++) values[row * width + d] = u * rng.normal();
  }
  return tf.tensor2d(values, [rows, width]);
}
