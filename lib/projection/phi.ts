/**
 * phi: a small network from a CLIP embedding to the embedding of one pseudo-word.
 *
 * Letters: B rows, P width of the CLIP embedding, M middle width, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { gelu } from "../clip/activation.ts";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { linear, type Weights } from "../clip/weights.ts";
import type { Random } from "../training/random.ts";

/** A projection with what must be known to use it. */
export interface Phi {
  /** The method that trained it, such as "LinCIR". */
  method: string;
  /**
   * What it reads: `"raw"` un-normalised CLIP embeddings, as published; `"unit variance"` embeddings normalised and
   * multiplied by sqrt(P), so that noise scales carry over between models whose embeddings differ in length.
   */
  input: "raw" | "unit variance";
  /** What made it, JSON-safe: recipe, data, the CLIP's hash; for a released checkpoint the name of its file. */
  provenance: Record<string, unknown>;
  /**
   * Under the names of the released checkpoints, each with `weight` and `bias`: `layers.0`, `layers.3`, `layers.6`
   * (SEARLE, LinCIR: GELU between), or `layers.0.0`, `layers.1.0`, `fc_out` (Pic2Word: ReLU between).
   */
  weights: Weights;
}

/** Names of the linear layers of the two networks, first to last. */
export const phiLayerNames = {
  gelu: ["layers.0", "layers.3", "layers.6"],
  relu: ["layers.0.0", "layers.1.0", "fc_out"],
} as const;

/** Embeddings as a phi reads them. `[B, P]` to `[B, P]`. */
export function phiInput(embeddings: tf.Tensor2D, input: Phi["input"]): tf.Tensor2D {
  return input === "raw" ? embeddings : tf.mul(normaliseRows(embeddings), Math.sqrt(embeddings.shape[1]));
}

/**
 * Pseudo-words, without dropout.
 *
 * @param ready `[B, P]`, already passed through {@linkcode phiInput}
 * @returns `[B, D]`
 */
export function applyPhi(phi: Phi, ready: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => phiLayers(phi.weights, ready, (hidden) => hidden));
}

/** The three layers; `drop` stands where dropout does in training. */
export function phiLayers(weights: Weights, x: tf.Tensor2D, drop: (hidden: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  const relu = weights["fc_out.weight"] !== undefined;
  const activation = relu ? tf.relu<tf.Tensor2D> : (hidden: tf.Tensor2D) => gelu(hidden) as tf.Tensor2D;
  const [first, second, last] = relu ? phiLayerNames.relu : phiLayerNames.gelu;
  const one = drop(activation(linear(x, weights, first))); // [B, M]
  const two = drop(activation(linear(one, weights, second))); // [B, M]
  return linear(two, weights, last); // [B, D]
}

/** Fresh weights: uniform in +-1/sqrt(inputs), as `torch.nn.Linear` starts. */
export function initialPhi(
  network: keyof typeof phiLayerNames,
  { embedding, middle, token }: { embedding: number; middle: number; token: number },
  rng: Random,
): Weights {
  const weights: Weights = {};
  const widths = [embedding, middle, middle, token];
  phiLayerNames[network].forEach((name, i) => {
    const [from, to] = [widths[i], widths[i + 1]];
    const draw = (count: number) =>
      Float32Array.from({ length: count }, () => (2 * rng.uniform() - 1) / Math.sqrt(from));
    weights[`${name}.weight`] = tf.tensor2d(draw(to * from), [to, from]);
    weights[`${name}.bias`] = tf.tensor1d(draw(to));
  });
  return weights;
}
