/**
 * The pre-norm transformer that both towers are made of.
 *
 * Letters: B rows, T tokens, D width, H heads, F width of the perceptron.
 */
import * as tf from "../../tensors/tf.ts";
import { gelu, quickGelu } from "./activation.ts";
import type { TowerConfig } from "./config.ts";
import { layerNorm } from "./layer_norm.ts";
import { linear, weight, type Weights } from "../../tensors/weights.ts";

/**
 * Called with the attention of a layer as it is computed, `[B, H, T, T]`: of each token, the shares of all tokens. The
 * tensor is disposed afterwards.
 */
export type OnAttention = (shares: tf.Tensor4D, layer: number) => void;

/**
 * Runs all layers of a tower.
 *
 * @param x `[B, T, D]`: embedded tokens
 * @param weights the tower's weights, and possibly more
 * @param prefix `"text_model"` or `"vision_model"`
 * @param mask `[T, T]`, added to the attention's logits; absent, every token sees every other
 * @param onAttention called once a layer
 * @returns `[B, T, D]`
 */
export function transformer(
  x: tf.Tensor3D,
  weights: Weights,
  prefix: string,
  config: TowerConfig,
  mask?: tf.Tensor2D,
  onAttention?: OnAttention,
): tf.Tensor3D {
  const [B, T, D] = x.shape;
  const activation = config.activation === "gelu" ? gelu : quickGelu;
  let stream = tf.reshape(x, [B * T, D]) as tf.Tensor2D; // [B T, D]
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `${prefix}.encoder.layers.${layer}`;
    const forAttention = norm(stream, weights, `${name}.layer_norm1`, config); // [B T, D]
    const watch = onAttention && ((shares: tf.Tensor4D) => onAttention(shares, layer));
    const attended = attention(forAttention, B, T, weights, `${name}.self_attn`, config.heads, mask, watch); // [B T, D]
    stream = tf.add(stream, attended); // [B T, D]
    const forPerceptron = norm(stream, weights, `${name}.layer_norm2`, config); // [B T, D]
    const hidden = activation(linear(forPerceptron, weights, `${name}.mlp.fc1`)) as tf.Tensor2D; // [B T, F]
    stream = tf.add(stream, linear(hidden, weights, `${name}.mlp.fc2`)); // [B T, D]
  }
  return tf.reshape(stream, [B, T, D]) as tf.Tensor3D;
}

/** Applies the layer normalisation stored as `{name}.weight` and `{name}.bias`. `[R, D]` to `[R, D]`. */
export function norm(x: tf.Tensor2D, weights: Weights, name: string, config: TowerConfig): tf.Tensor2D {
  return layerNorm(x, weight(weights, `${name}.weight`), weight(weights, `${name}.bias`), config.layerNormEps);
}

/** Multi-head self-attention over `[B T, D]`. */
function attention(
  x: tf.Tensor2D,
  B: number,
  T: number,
  weights: Weights,
  name: string,
  H: number,
  mask?: tf.Tensor2D,
  watch?: (shares: tf.Tensor4D) => void,
): tf.Tensor2D {
  const D = x.shape[1];
  const split = (part: string, scale = 1) => {
    const projected = linear(x, weights, `${name}.${part}`); // [B T, D]
    const heads = tf.reshape(scale === 1 ? projected : tf.mul(projected, scale), [B, T, H, D / H]);
    return tf.transpose(heads, [0, 2, 1, 3]) as tf.Tensor4D; // [B, H, T, D/H]
  };
  // Scaling the queries instead of the logits touches T/(D/H) times fewer numbers.
  const q = split("q_proj", (D / H) ** -0.5), k = split("k_proj"), v = split("v_proj"); // [B, H, T, D/H]
  const logits = tf.matMul(q, k, false, true); // [B, H, T, T]
  const share = tf.softmax(mask ? tf.add(logits, mask) : logits); // [B, H, T, T]
  watch?.(share as tf.Tensor4D);
  const mixed = tf.transpose(tf.matMul(share, v), [0, 2, 1, 3]); // [B, T, H, D/H]
  return linear(tf.reshape(mixed, [B * T, D]), weights, `${name}.out_proj`); // [B T, D]
}
