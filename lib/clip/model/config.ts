/** The configuration of a CLIP, read from a Hugging Face `config.json`. */
import { isObject } from "../../io/json_values.ts";
import { shown } from "../../io/shown.ts";

/** Sizes of a transformer tower. Widths are numbers of elements. */
export interface TowerConfig {
  /** Width of the residual stream. */
  width: number;
  /** Number of transformer layers. */
  layers: number;
  /** Attention heads of each layer; they divide the width. */
  heads: number;
  /** Width of the hidden layer of each perceptron. */
  mlpWidth: number;
  /** Activation of the perceptrons: `"quick_gelu"` in OpenAI's CLIPs, `"gelu"` in LAION's. */
  activation: "quick_gelu" | "gelu";
  /** Added to the variance in layer normalisation. */
  layerNormEps: number;
}

/** Sizes of the text tower. */
export interface TextConfig extends TowerConfig {
  /** Number of tokens in the vocabulary. */
  vocabulary: number;
  /** Longest text, tokens, start and end included. */
  context: number;
  /**
   * Where a text's feature is taken: at its largest token id (configurations of before 2023, which say
   * `eos_token_id: 2`), or at the first end-of-text token, whose id is given.
   */
  pooling: { at: "largest id" } | { at: "first end of text"; id: number };
}

/** Sizes of the image tower. */
export interface VisionConfig extends TowerConfig {
  /** Side of the image, pixels. */
  imageSize: number;
  /** Side of a patch, pixels. */
  patchSize: number;
}

/** Sizes of both towers and of the embedding that they share. */
export interface ClipConfig {
  /** Width of the shared embedding. */
  projectionWidth: number;
  /** Sizes of the text tower. */
  text: TextConfig;
  /** Sizes of the image tower. */
  vision: VisionConfig;
}

/** Most layers of a tower; the largest published CLIPs have 48. */
const mostLayers = 1000;

/** The defaults of the fields of `config.json` in transformers. */
const defaults = {
  text: {
    hidden_size: 512,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    intermediate_size: 2048,
    vocab_size: 49408,
    max_position_embeddings: 77,
    eos_token_id: 49407,
  },
  vision: {
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
    image_size: 224,
    patch_size: 32,
  },
};

type Section = Record<string, unknown>;

/**
 * Reads a parsed Hugging Face CLIP `config.json`.
 *
 * @param file its name, for error messages
 * @throws {Error} if a field has the wrong type or the sizes of a tower contradict one another
 */
export function parseClipConfig(json: unknown, file: string): ClipConfig {
  const root = section(json, "the file", file);
  const text = { ...defaults.text, ...section(root.text_config ?? {}, "text_config", file) };
  const vision = { ...defaults.vision, ...section(root.vision_config ?? {}, "vision_config", file) };
  const eos = whole(text, "text_config.eos_token_id", file);
  return {
    projectionWidth: whole({ projection_dim: 512, ...root }, "projection_dim", file),
    text: {
      ...tower(text, "text_config", file),
      vocabulary: whole(text, "text_config.vocab_size", file),
      context: whole(text, "text_config.max_position_embeddings", file),
      pooling: eos === 2 ? { at: "largest id" } : { at: "first end of text", id: eos },
    },
    vision: {
      ...tower(vision, "vision_config", file),
      imageSize: whole(vision, "vision_config.image_size", file),
      patchSize: whole(vision, "vision_config.patch_size", file),
    },
  };
}

/** The `config.json` that {@linkcode parseClipConfig} reads back as `config`. */
export function clipConfigJson(config: ClipConfig): Record<string, unknown> {
  const { vision } = config;
  return {
    architectures: ["CLIPModel"],
    model_type: "clip",
    projection_dim: config.projectionWidth,
    text_config: textConfigJson(config),
    vision_config: {
      ...towerJson(vision, config),
      model_type: "clip_vision_model",
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
    },
  };
}

/** The text tower's section of `config.json`; with `architectures` it is the whole file of a lone text encoder. */
export function textConfigJson(config: ClipConfig): Record<string, unknown> {
  const { text } = config;
  return {
    ...towerJson(text, config),
    model_type: "clip_text_model",
    vocab_size: text.vocabulary,
    max_position_embeddings: text.context,
    // Absent, the reference would assume the ids of OpenAI's vocabulary.
    bos_token_id: null,
    pad_token_id: null,
    eos_token_id: text.pooling.at === "largest id" ? 2 : text.pooling.id,
  };
}

function towerJson(tower: TowerConfig, { projectionWidth }: ClipConfig): Section {
  return {
    hidden_size: tower.width,
    num_hidden_layers: tower.layers,
    num_attention_heads: tower.heads,
    intermediate_size: tower.mlpWidth,
    hidden_act: tower.activation,
    layer_norm_eps: tower.layerNormEps,
    projection_dim: projectionWidth,
  };
}

function tower(fields: Section, name: string, file: string): TowerConfig {
  const activation = fields.hidden_act ?? "quick_gelu";
  if (activation !== "quick_gelu" && activation !== "gelu") {
    throw new Error(
      `Reading ${file} failed: ${name}.hidden_act is ${shown(activation)}; known are "quick_gelu" and "gelu".`,
    );
  }
  const width = whole(fields, `${name}.hidden_size`, file), heads = whole(fields, `${name}.num_attention_heads`, file);
  if (width % heads !== 0) {
    throw new Error(`Reading ${file} failed: ${name}.hidden_size ${width} is no multiple of its ${heads} heads.`);
  }
  const layerNormEps = fields.layer_norm_eps ?? 1e-5;
  if (typeof layerNormEps !== "number" || !(layerNormEps > 0 && layerNormEps < 1)) {
    throw new Error(
      `Reading ${file} failed: ${name}.layer_norm_eps is ${
        shown(layerNormEps)
      }, expected a number above 0 and below 1.`,
    );
  }
  const layers = whole(fields, `${name}.num_hidden_layers`, file);
  if (layers > mostLayers) {
    throw new Error(
      `Reading ${file} failed: ${name}.num_hidden_layers is ${layers}, the most are ${mostLayers}; fetch it again.`,
    );
  }
  return {
    width,
    layers,
    heads,
    mlpWidth: whole(fields, `${name}.intermediate_size`, file),
    activation,
    layerNormEps,
  };
}

function section(value: unknown, name: string, file: string): Section {
  if (!isObject(value)) {
    throw new Error(`Reading ${file} failed: ${name} is not an object; is it a CLIP configuration?`);
  }
  return value;
}

/** The positive whole number in the field at the end of the dotted `path`. */
function whole(fields: Section, path: string, file: string): number {
  const value = fields[path.slice(path.lastIndexOf(".") + 1)];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
    throw new Error(`Reading ${file} failed: ${path} is ${shown(value)}, expected a positive whole number.`);
  }
  return value;
}
