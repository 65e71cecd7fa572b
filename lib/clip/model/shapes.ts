/** Names and shapes of every tensor of a CLIP, and untrained weights of these shapes. */
import * as tf from "../../tensors/tf.ts";
import type { Random } from "../../tensors/random.ts";
import type { ClipConfig, TowerConfig } from "./config.ts";
import type { Weights } from "../../tensors/weights.ts";

/** Shapes of tensors by name. */
export type ClipShapes = Record<string, number[]>;

/** Shapes of all tensors of a CLIP, with Hugging Face's names and layout. */
export function clipShapes(config: ClipConfig): ClipShapes {
  return { logit_scale: [], ...textShapes(config), ...visionShapes(config) };
}

/** Shapes of the text tower and its projection: what RTD trains. */
export function textShapes({ text, projectionWidth }: Pick<ClipConfig, "text" | "projectionWidth">): ClipShapes {
  return {
    "text_model.embeddings.token_embedding.weight": [text.vocabulary, text.width],
    "text_model.embeddings.position_embedding.weight": [text.context, text.width],
    ...layerShapes("text_model", text),
    ...normShapes("text_model.final_layer_norm", text.width),
    "text_projection.weight": [projectionWidth, text.width],
  };
}

/** Shapes of the image tower and its projection. */
export function visionShapes({ vision, projectionWidth }: ClipConfig): ClipShapes {
  const { width, patchSize, imageSize } = vision;
  return {
    "vision_model.embeddings.class_embedding": [width],
    "vision_model.embeddings.patch_embedding.weight": [width, 3, patchSize, patchSize],
    "vision_model.embeddings.position_embedding.weight": [1 + (imageSize / patchSize) ** 2, width],
    ...normShapes("vision_model.pre_layrnorm", width), // spelt so in the checkpoints
    ...layerShapes("vision_model", vision),
    ...normShapes("vision_model.post_layernorm", width),
    "visual_projection.weight": [projectionWidth, width],
  };
}

function layerShapes(prefix: string, { layers, width, mlpWidth }: TowerConfig): ClipShapes {
  const shapes: ClipShapes = {};
  for (let layer = 0; layer < layers; layer++) {
    const name = `${prefix}.encoder.layers.${layer}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
      Object.assign(shapes, linearShapes(`${name}.self_attn.${part}`, width, width));
    }
    Object.assign(shapes, normShapes(`${name}.layer_norm1`, width), normShapes(`${name}.layer_norm2`, width));
    Object.assign(shapes, linearShapes(`${name}.mlp.fc1`, width, mlpWidth));
    Object.assign(shapes, linearShapes(`${name}.mlp.fc2`, mlpWidth, width));
  }
  return shapes;
}

function linearShapes(name: string, from: number, to: number): ClipShapes {
  return { [`${name}.weight`]: [to, from], [`${name}.bias`]: [to] };
}

function normShapes(name: string, width: number): ClipShapes {
  return { [`${name}.weight`]: [width], [`${name}.bias`]: [width] };
}

/**
 * Draws untrained weights: normal with standard deviation 1/sqrt(inputs) (0.02 for embeddings, as CLIP; outputs of
 * residual branches divided by sqrt(2 layers)), layer normalisations at one, biases at zero, logit scale 1/0.07.
 *
 * @returns the tensors of both towers by name, the caller's to dispose
 */
export function initialClip(config: ClipConfig, rng: Random): Weights {
  const weights: Weights = {};
  for (const [name, shape] of Object.entries(clipShapes(config))) {
    const size = shape.reduce((product, side) => product * side, 1);
    const values = new Float32Array(size);
    const tower = name.startsWith("text_model") ? config.text : config.vision;
    if (name === "logit_scale") values.fill(Math.log(1 / 0.07));
    else if (/norm\d?\.weight$/.test(name)) values.fill(1);
    else if (!name.endsWith(".bias")) {
      const inputs = size / shape[0];
      let standardDeviation = name.includes("embeddings") && !name.includes("patch_embedding") ? 0.02 : inputs ** -0.5;
      if (/out_proj|fc2/.test(name)) standardDeviation /= Math.sqrt(2 * tower.layers);
      for (let i = 0; i < size; i++) values[i] = standardDeviation * rng.normal();
    }
    weights[name] = tf.tensor(values, shape);
  }
  return weights;
}
