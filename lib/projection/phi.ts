/**
 * phi: a small network that maps a CLIP embedding to the embedding of one pseudo-token.
 *
 * Letters: B rows, P width of the CLIP embedding, H width of the hidden layers, D width of a token embedding.
 */
import { gelu } from "../clip/model/activation.ts";
import type { ClipConfig } from "../clip/model/config.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import type { Random } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";
import { linear, weight, type Weights } from "../tensors/weights.ts";

/** A projection network with the description that is needed to use it. */
export interface Phi {
  /** The method that trained it, such as "LinCIR". */
  method: string;
  /**
   * Form of its input: `"raw"` un-normalised CLIP embeddings, as published; `"unit variance"` embeddings normalised and
   * multiplied by sqrt(P), so that noise scales carry over between models whose embeddings differ in length.
   */
  input: "raw" | "unit variance";
  /** Its origin, JSON-safe: recipe, data, hash of the CLIP; for a released checkpoint the name of its file. */
  provenance: Record<string, unknown>;
  /**
   * Weights under the names of the released checkpoints, each with `weight` and `bias`: `layers.0`, `layers.3`,
   * `layers.6` (SEARLE, LinCIR: GELU between), or `layers.0.0`, `layers.1.0`, `fc_out` (Pic2Word: ReLU between).
   */
  weights: Weights;
  /** SHA-256 of its file, 64 hexadecimal digits: identifies these weights in results. */
  hash: string;
}

/** Names of the linear layers of both kinds of network, first to last. */
export const phiLayerNames = {
  gelu: ["layers.0", "layers.3", "layers.6"],
  relu: ["layers.0.0", "layers.1.0", "fc_out"],
} as const;

/** A function that applies dropout to a hidden layer of phi; the identity outside of training. `[B, H]` to `[B, H]`. */
export type Dropout = (hidden: tf.Tensor2D) => tf.Tensor2D;

/** Converts un-normalised CLIP embeddings to the form of a phi's input. `[B, P]` to `[B, P]`. */
export function phiInput(embeddings: tf.Tensor2D, input: Phi["input"]): tf.Tensor2D {
  return input === "raw" ? embeddings : tf.mul(normaliseRows(embeddings), Math.sqrt(embeddings.shape[1]));
}

/**
 * Computes the pseudo-tokens of images or texts from their CLIP features.
 *
 * @param embeddings `[B, P]`, un-normalised CLIP features
 * @returns `[B, D]`; the caller disposes it
 * @throws {Error} if the embeddings are not as wide as phi's input
 * @example
 * ```ts
 * import { applyPhi, encodeTexts, loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const features = await encodeTexts(clip, ["red apple"]); // [1, 128]
 * assertEquals(applyPhi(phi, features).shape, [1, 128]);
 * ```
 */
export function applyPhi({ weights, input }: Pick<Phi, "weights" | "input">, embeddings: tf.Tensor2D): tf.Tensor2D {
  const first = weights[`${phiLayerNames.gelu[0]}.weight`] ?? weights[`${phiLayerNames.relu[0]}.weight`];
  if (first && first.shape[1] !== embeddings.shape[1]) {
    throw new Error(
      `Applying phi failed: embeddings is [${embeddings.shape}], expected [B, P] with P = ${first.shape[1]}; ` +
        `phi and the features belong to different CLIPs.`,
    );
  }
  return tf.tidy(() => phiLayers(weights, phiInput(embeddings, input), (hidden) => hidden));
}

/**
 * Checks that a phi maps embeddings of a CLIP to its token embeddings.
 *
 * @param action what the caller is about to do, for the error message, such as "Training RTD"
 * @throws {Error} if one of its widths is another
 */
export function checkPhiWidths(
  { weights }: Pick<Phi, "weights">,
  { projectionWidth, text }: Pick<ClipConfig, "projectionWidth" | "text">,
  action: string,
): void {
  const names = phiLayerNames[weights["fc_out.weight"] ? "relu" : "gelu"];
  const inputs = weight(weights, `${names[0]}.weight`).shape[1];
  const outputs = weight(weights, `${names[2]}.weight`).shape[0];
  if (inputs === projectionWidth && outputs === text.width) return;
  throw new Error(
    `${action} failed: phi goes from ${inputs} to ${outputs}, the CLIP needs ${projectionWidth} to ${text.width}; load ` +
      "a phi that was made for this CLIP.",
  );
}

/** Computes the three layers of phi from inputs that {@linkcode phiInput} prepared. `[B, P]` to `[B, D]`. */
export function phiLayers(weights: Weights, x: tf.Tensor2D, dropout: Dropout): tf.Tensor2D {
  const relu = weights["fc_out.weight"] !== undefined;
  const activation = relu ? tf.relu<tf.Tensor2D> : (hidden: tf.Tensor2D) => gelu(hidden) as tf.Tensor2D;
  const [first, second, last] = relu ? phiLayerNames.relu : phiLayerNames.gelu;
  const one = dropout(activation(linear(x, weights, first))); // [B, H]
  const two = dropout(activation(linear(one, weights, second))); // [B, H]
  return linear(two, weights, last); // [B, D]
}

/** Makes untrained weights: uniform in +-1/sqrt(inputs), as `torch.nn.Linear` starts. */
export function initialPhi(
  network: keyof typeof phiLayerNames,
  { embedding, hiddenWidth, token }: { embedding: number; hiddenWidth: number; token: number },
  rng: Random,
): Weights {
  const weights: Weights = {};
  const widths = [embedding, hiddenWidth, hiddenWidth, token];
  phiLayerNames[network].forEach((name, i) => {
    const [from, to] = [widths[i], widths[i + 1]];
    const draw = (count: number) =>
      Float32Array.from({ length: count }, () => (2 * rng.uniform() - 1) / Math.sqrt(from));
    weights[`${name}.weight`] = tf.tensor2d(draw(to * from), [to, from]);
    weights[`${name}.bias`] = tf.tensor1d(draw(to));
  });
  return weights;
}
