/**
 * How many bytes encoding texts with the readable tower and its gradient take at their highest point.
 *
 * TensorFlow.js' tape keeps the inputs of every operation, and no gradient of an operation is freed before the last one
 * is made, so memory grows by the same amount for every layer. The amounts were found by a fit to what TensorFlow.js
 * counted for towers of different width, depth, heads and length; the fit is within 1 %.
 *
 * Letters: R tokens, T tokens a text, D width, F width of the perceptron, H heads. All counts are of 32-bit numbers.
 */
import type { TextConfig } from "./config.ts";

/** Texts that are encoded together. */
export interface EncodedBatch {
  /** B, the number of texts. */
  rows: number;
  /** T, tokens that each is padded to. */
  length: number;
}

/**
 * Predicts the bytes that the tape holds at the end of the gradient; weights and their gradients are not counted.
 *
 * @param trained share of the layers that have a trained parameter, or one below them, from 0 to 1
 */
export function predictPlainMemory(config: TextConfig, batches: readonly EncodedBatch[], trained = 1): number {
  const { width: D, mlpWidth: F, heads: H, layers, activation } = config;
  const ofActivation = { quick_gelu: 9.75, gelu: 12.7 }[activation];
  // A third is kept on the way up, in every layer, the rest comes on the way back.
  const share = 1 / 3 + 2 / 3 * trained;
  const numbers = batches.map(({ rows, length: T }) => {
    const R = rows * T;
    return layers * share * (62.3 * R * D + ofActivation * R * F + 6.5 * H * R * T) + 18.5 * R * D;
  });
  return 4 * numbers.reduce((sum, number) => sum + number, 0);
}
