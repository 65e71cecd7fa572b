/**
 * One layer of a tower over a packed stream, forward and backward. What the backward pass needs is a list of tensors in
 * a fixed order, as TensorFlow.js saves them; each half frees what it made as soon as it has been used.
 *
 * Letters: R tokens of the stream, N tokens whose output is wanted (all R, or those that are read), D width, F width
 * of the perceptron.
 */
import * as tf from "../../tensors/tf.ts";
import { linear, weight, type Weights } from "../../tensors/weights.ts";
import { activations } from "../model/activation.ts";
import type { TowerConfig } from "../model/config.ts";
import { standardise } from "../model/layer_norm.ts";
import { attend, attendGradient, type AttentionGroup } from "./attention.ts";
import { linearGradient, normGradient, type WeightGradients } from "./weight_gradients.ts";

/** What a layer computes with. */
export interface Block {
  /** The tower's weights, and possibly more. */
  weights: Weights;
  /** The tower's sizes. */
  config: TowerConfig;
  /** Which tower, as its weights' names begin. */
  tower: "text_model" | "vision_model";
  /** The layer's index. */
  layer: number;
  /** Which queries attend to which keys. */
  groups: readonly AttentionGroup[];
  /** `[N]` int32, the tokens whose output is wanted; absent: all. */
  reads?: tf.Tensor1D;
}

/** A layer's output and what its backward pass needs. */
export type BlockOutput = {
  /** `[N, D]`. */
  y: tf.Tensor2D;
  /** The activations that {@linkcode blockGradient} takes. */
  kept: tf.Tensor[];
};

/** Activations of the perceptron's half; those of the attention's half come before them. */
const keptByPerceptron = 4;

/** Runs a layer on the stream `x` `[R, D]`. */
export function runBlock(block: Block, x: tf.Tensor2D): BlockOutput {
  const attention = tf.tidy(() => attentionHalf(block, x));
  const perceptron = tf.tidy(() => perceptronHalf(block, attention.y));
  attention.y.dispose();
  return { y: perceptron.y, kept: [...attention.kept, ...perceptron.kept] };
}

/**
 * Computes the gradient with respect to `x` `[R, D]` from that of `y` `[N, D]`, which is disposed, as is what was kept.
 */
export function blockGradient(block: Block, dy: tf.Tensor2D, kept: tf.Tensor[], into: WeightGradients): tf.Tensor2D {
  const ofAttention = kept.slice(0, -keptByPerceptron), ofPerceptron = kept.slice(-keptByPerceptron);
  const dMiddle = collecting(into, (into) => perceptronGradient(block, dy, ofPerceptron, into)); // [N, D]
  tf.dispose([dy, ofPerceptron]);
  const dx = collecting(into, (into) => attentionGradient(block, dMiddle, ofAttention, into)); // [R, D]
  tf.dispose([dMiddle, ofAttention]);
  return dx;
}

/** Runs one half in a tidy of its own, which frees all but the gradients of parameters and the result. */
function collecting(into: WeightGradients, half: (into: WeightGradients) => tf.Tensor2D): tf.Tensor2D {
  const { dx, collected } = tf.tidy(() => {
    const collected: Weights = {};
    return { dx: half({ ...into, collected }), collected };
  });
  Object.assign(into.collected, collected);
  return dx;
}

function names({ tower, layer }: Block) {
  const name = `${tower}.encoder.layers.${layer}`;
  return {
    norm1: `${name}.layer_norm1`,
    q: `${name}.self_attn.q_proj`,
    k: `${name}.self_attn.k_proj`,
    v: `${name}.self_attn.v_proj`,
    out: `${name}.self_attn.out_proj`,
    norm2: `${name}.layer_norm2`,
    fc1: `${name}.mlp.fc1`,
    fc2: `${name}.mlp.fc2`,
  };
}

/** `x + attention(norm1(x))`, for the tokens whose output is wanted. */
function attentionHalf(block: Block, x: tf.Tensor2D): BlockOutput {
  const { weights, config, groups } = block, name = names(block);
  const { unit, inverse } = standardise(x, config.layerNormEps); // [R, D], [R, 1]
  const normed = scaled(unit, weights, name.norm1); // [R, D]
  const scale = (config.width / config.heads) ** -0.5;
  const projected = {
    q: tf.mul(linear(wanted(normed, block), weights, name.q), scale) as tf.Tensor2D, // [N, D]
    k: linear(normed, weights, name.k), // [R, D]
    v: linear(normed, weights, name.v), // [R, D]
  };
  const { mixed, kept } = attend(projected, groups, config.heads); // [N, D]
  const y = tf.add(wanted(x, block), linear(mixed, weights, name.out)) as tf.Tensor2D; // [N, D]
  return { y, kept: [unit, inverse, mixed, ...kept] };
}

function attentionGradient(
  block: Block,
  dy: tf.Tensor2D,
  [unit, inverse, mixed, ...kept]: tf.Tensor[],
  into: WeightGradients,
): tf.Tensor2D {
  const { weights, config, groups } = block, name = names(block);
  const dMixed = linearGradient(dy, () => mixed as tf.Tensor2D, weights, name.out, into); // [N, D]
  const gradients = attendGradient(dMixed, kept, groups, config.heads);
  const dq = tf.mul(gradients.q, (config.width / config.heads) ** -0.5) as tf.Tensor2D; // [N, D]
  const needed = [name.q, name.k, name.v].some((part) => into.trainable(`${part}.weight`));
  const made = needed ? scaled(unit as tf.Tensor2D, weights, name.norm1) : undefined; // [R, D]
  const normed = () => made!;
  const dNormed = tf.addN([
    spread(linearGradient(dq, () => wanted(normed(), block), weights, name.q, into), block, unit.shape[0]),
    linearGradient(gradients.k, normed, weights, name.k, into),
    linearGradient(gradients.v, normed, weights, name.v, into),
  ]) as tf.Tensor2D; // [R, D]
  const dx = normGradient(dNormed, unit as tf.Tensor2D, inverse as tf.Tensor2D, weights, name.norm1, into); // [R, D]
  return tf.add(dx, spread(dy, block, unit.shape[0]));
}

/** `x + perceptron(norm2(x))`, `[N, D]`. */
function perceptronHalf(block: Block, x: tf.Tensor2D): BlockOutput {
  const { weights, config } = block, name = names(block), activation = activations[config.activation];
  const { unit, inverse } = standardise(x, config.layerNormEps); // [N, D], [N, 1]
  const parts = activation.parts(linear(scaled(unit, weights, name.norm2), weights, name.fc1)); // [N, F] twice
  const hidden = activation.value(parts) as tf.Tensor2D; // [N, F]
  return { y: tf.add(x, linear(hidden, weights, name.fc2)), kept: [unit, inverse, ...parts] };
}

function perceptronGradient(
  block: Block,
  dy: tf.Tensor2D,
  [unit, inverse, ...parts]: tf.Tensor[],
  into: WeightGradients,
): tf.Tensor2D {
  const { weights, config } = block, name = names(block), activation = activations[config.activation];
  const hidden = () => activation.value(parts) as tf.Tensor2D; // [N, F]
  const dHidden = linearGradient(dy, hidden, weights, name.fc2, into); // [N, F]
  const dParts = activation.gradient(dHidden, parts) as tf.Tensor2D; // [N, F]
  const normed = () => scaled(unit as tf.Tensor2D, weights, name.norm2); // [N, D]
  const dNormed = linearGradient(dParts, normed, weights, name.fc1, into); // [N, D]
  const dx = normGradient(dNormed, unit as tf.Tensor2D, inverse as tf.Tensor2D, weights, name.norm2, into); // [N, D]
  return tf.add(dx, dy);
}

/** The second half of a layer normalisation: `unit * weight + bias`, `[R, D]`. */
export function scaled(unit: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  return tf.add(tf.mul(unit, weight(weights, `${name}.weight`)), weight(weights, `${name}.bias`));
}

/** The rows of `x` `[R, D]` whose output is wanted, `[N, D]`. */
function wanted(x: tf.Tensor2D, { reads }: Block): tf.Tensor2D {
  return reads ? tf.gather(x, reads) : x;
}

/** The gradient of {@linkcode wanted}: `[N, D]` at its rows of `[R, D]`. */
function spread(dy: tf.Tensor2D, { reads }: Block, R: number): tf.Tensor2D {
  return reads ? tf.unsortedSegmentSum(dy, reads, R) as tf.Tensor2D : dy;
}
