/**
 * Refined concatenation (RTD, section 3.4): how reference and condition become one query while no picture is there.
 *
 * Letters: B triplets, P width of the embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { drawNoise } from "../projection/noise.ts";
import { applyPhi, type Phi, phiInput } from "../projection/phi.ts";
import type { Random } from "../training/random.ts";

/**
 * - `phi`: "a photo of [$] that {T_c}" with `[$] = phi(E(T_r) + noise)`; the paper's.
 * - `plain`: the text "{T_r}, {T_c}"; the paper's ablation.
 * - `none`: "{T_c}" alone, to see what the reference adds.
 */
export type Concatenation = "phi" | "plain" | "none";

/**
 * `phi(E(T_r) + scale * u * n)`: the noise is added to the un-normalised embedding (as phi reads it), one u a row.
 *
 * @param references `[B, P]`, un-normalised features of the reference captions from the frozen encoder
 * @param scale of the noise; the paper's is 0.5, and 0 draws nothing
 * @returns `[B, D]`; used for the composed query and, with refined batches, for "a photo of [$]" too
 *
 * @example
 * ```ts
 * import { encodeTexts, loadEmbeddedModel, noisyPseudoWords, random, useDevice } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const references = await encodeTexts(clip, ["red apple", "woman running"]); // [2, 128]
 * const words = noisyPseudoWords(phi, references, 0.5, random(1));
 * assertEquals(words.shape, [2, 128]);
 * ```
 */
export function noisyPseudoWords(phi: Phi, references: tf.Tensor2D, scale: number, rng: Random): tf.Tensor2D {
  return tf.tidy(() => {
    const ready = phiInput(references, phi.input); // [B, P]
    const [B, P] = ready.shape;
    return applyPhi(phi, scale === 0 ? ready : tf.add(ready, drawNoise(B, P, scale, rng)) as tf.Tensor2D);
  });
}
