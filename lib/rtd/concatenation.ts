/**
 * Refined concatenation (RTD, section 3.4): combines a reference caption and a conditioning text into one query, since
 * there is no reference image in training.
 *
 * Letters: B triplets, P width of the embedding, D width of a token embedding.
 */
import { drawNoise } from "../projection/noise.ts";
import { type Phi, phiInput, phiLayers } from "../projection/phi.ts";
import type { Random } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";

/** The choices of {@linkcode Concatenation}. */
export const concatenations = ["phi", "plain", "none"] as const;
/**
 * How a reference caption `T_r` and a conditioning text `T_c` become a query:
 *
 * - `phi`: "a photo of [$] that {T_c}" with `[$] = phi(E(T_r) + noise)`; the paper's method.
 * - `plain`: the text "{T_r}, {T_c}"; the paper's ablation.
 * - `none`: "{T_c}" alone, which measures the contribution of the reference.
 */
export type Concatenation = typeof concatenations[number];

/**
 * Computes `phi(E(T_r) + scale * u * n)`: the noise is added to the un-normalised embedding (in the form that phi
 * reads), with one u per row.
 *
 * @param references `[B, P]`, un-normalised features of the reference captions from the frozen encoder
 * @param scale of the noise; 0.5 in the paper, and with 0 nothing is drawn
 * @param rng draws u and n
 * @returns `[B, D]`, for the composed query and, with refined batches, for "a photo of [$]" too; the caller disposes it
 *
 * @example
 * ```ts
 * import { encodeTexts, loadEmbeddedModel, random, useDevice } from "@rtd/toolkit";
 * import { noisyPseudoTokens } from "@rtd/toolkit/rtd";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const references = await encodeTexts(clip, ["red apple", "woman running"]); // [2, 128]
 * const pseudoTokens = noisyPseudoTokens(phi, references, 0.5, random(1));
 * assertEquals(pseudoTokens.shape, [2, 128]);
 * ```
 */
export function noisyPseudoTokens(
  phi: Pick<Phi, "weights" | "input">,
  references: tf.Tensor2D,
  scale: number,
  rng: Random,
): tf.Tensor2D {
  return tf.tidy(() => {
    const input = phiInput(references, phi.input); // [B, P]
    const [B, P] = input.shape;
    const noisy = scale === 0 ? input : tf.add(input, drawNoise(B, P, scale, rng)) as tf.Tensor2D; // [B, P]
    return phiLayers(phi.weights, noisy, (hidden) => hidden);
  });
}
