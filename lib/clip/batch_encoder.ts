/** Encodes one batch of texts in a loss, as a function of the text tower's weights. */
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import type { TextConfig } from "./model/config.ts";
import { encodeTokens } from "./model/text_encoder.ts";
import type { TokenBatch } from "./model/tokenizer.ts";
import { encodePacked, encodePackedForTraining } from "./packed/packed_text_encoder.ts";
import { packTexts } from "./packed/packing.ts";

/** The choices of {@linkcode EncoderChoice}. */
export const encoderChoices = ["packed", "plain"] as const;
/**
 * How a batch of texts is encoded in training. The features and gradients are the same to the last bits of a 32-bit
 * float:
 *
 * - `packed`: what texts share is computed once, and nothing that is not read; less time (1.4 to 3 times, as
 *   measured) and about half the memory.
 * - `plain`: every token of every text, by the tower that reads like the paper.
 */
export type EncoderChoice = typeof encoderChoices[number];

/** A batch's further inputs. */
export interface EncodeBatchOptions {
  /** `[B, D]`: one pseudo-token a row; needed if and only if the texts have placeholders. */
  pseudoTokens?: tf.Tensor2D;
  /** B more texts with the same pseudo-tokens; where they are beginnings of the first ones, they cost one token each. */
  endings?: TokenBatch;
}

/**
 * Encodes B tokenized texts and returns un-normalised features `[B, P]`; with endings `[2 B, P]`, theirs below. Inside
 * a gradient it is differentiable with respect to the pseudo-tokens and the trained parameters.
 */
export type EncodeBatch = (tokens: TokenBatch, options?: EncodeBatchOptions) => tf.Tensor2D;

/** Options of {@linkcode batchEncoder}. */
export interface BatchEncoderOptions {
  /** How texts are encoded (default "packed"). */
  encoder?: EncoderChoice;
  /** Whether a parameter is trained; the packed encoder spends nothing on the gradients of the others (default: none). */
  trainable?: (name: string) => boolean;
  /** Whether pseudo-tokens have a gradient (default); without it the packed encoder takes them as constants. */
  ofPseudoTokens?: boolean;
  /** Whether the packed encoder computes activations again for the gradient, and keeps few (default false). */
  recompute?: boolean;
}

/**
 * Makes the function that encodes batches with the weights of a text tower.
 *
 * @param weights the text tower's weights and its projection
 * @param config the text tower's sizes
 */
export function batchEncoder(
  weights: Weights,
  config: TextConfig,
  { encoder = "packed", trainable = () => false, ofPseudoTokens, recompute }: BatchEncoderOptions = {},
): EncodeBatch {
  if (encoder === "plain") {
    return (tokens, { pseudoTokens, endings } = {}) => {
      const features = encodeTokens(weights, config, tokens, pseudoTokens); // [B, P]
      if (!endings) return features;
      return tf.concat([features, encodeTokens(weights, config, endings, pseudoTokens)]) as tf.Tensor2D; // [2 B, P]
    };
  }
  return (tokens, { pseudoTokens, endings } = {}) => {
    const packing = packTexts(tokens, { endings, mostBuckets: mostBuckets() });
    return encodePackedForTraining({ weights, config, packing, pseudoTokens }, {
      trainable,
      ofPseudoTokens,
      recompute,
    });
  };
}

/**
 * Encodes a batch for its features alone.
 *
 * @returns `[B, P]`, un-normalised; the caller disposes it
 */
export function encodeBatch(
  weights: Weights,
  config: TextConfig,
  tokens: TokenBatch,
  { pseudoTokens }: { pseudoTokens?: tf.Tensor2D } = {},
): tf.Tensor2D {
  const packing = packTexts(tokens, { mostBuckets: mostBuckets() });
  return encodePacked({ weights, config, packing, pseudoTokens });
}

/** Buckets that were fastest on each backend: where a product's start is dear there are few. */
export function mostBuckets(backend: string = tf.getBackend()): number {
  return { wasm: 6, webgpu: 2 }[backend] ?? 4;
}
