/**
 * What a text's feature is made from: the attention of the token at which it is taken.
 *
 * Letters: B rows, T tokens of the longest row, H heads, D width, P width of the shared embedding.
 */
import * as tf from "../../tensors/tf.ts";
import type { Weights } from "../../tensors/weights.ts";
import type { TextConfig } from "./config.ts";
import { encodeTokens } from "./text_encoder.ts";
import type { TokenBatch } from "./tokenizer.ts";

/** Features of texts with the attention that made them; the caller disposes all tensors. */
export interface TextAttention {
  /** `[B, P]`, un-normalised. */
  features: tf.Tensor2D;
  /**
   * Of each layer `[B, H, T]`: the share that each token of the row has in what its end-of-text token reads, by head.
   * They sum to 1; what stands behind that token has 0.
   */
  layers: tf.Tensor3D[];
}

/**
 * Encodes one batch of tokenized texts and keeps what their end-of-text tokens attend to, layer by layer.
 *
 * It is the plain text tower of {@linkcode encodeTokens} that is watched: `[B, H, T, T]` numbers a layer are computed, of
 * which one row a text is kept.
 *
 * @param weights the text tower's weights and its projection
 * @param config the text tower's sizes
 * @param tokens a batch from the tokenizer
 * @param pseudoTokens `[B, D]`, needed if and only if the texts contain `[$]`
 * @throws {Error} as `encodeTokens` does
 */
export function textAttention(
  weights: Weights,
  config: TextConfig,
  tokens: TokenBatch,
  pseudoTokens?: tf.Tensor2D,
): TextAttention {
  const layers: tf.Tensor3D[] = [];
  try {
    const features = encodeTokens(weights, config, tokens, pseudoTokens, (shares) => {
      layers.push(tf.keep(tf.tidy(() => atEnds(shares, tokens.endAt))));
    });
    return { features, layers };
  } catch (error) {
    tf.dispose(layers);
    throw error;
  }
}

/** Takes the rows of the end-of-text tokens out of a layer's attention. `[B, H, T, T]` to `[B, H, T]` */
function atEnds(shares: tf.Tensor4D, endAt: Int32Array): tf.Tensor3D {
  const [B, H, T] = shares.shape;
  const byToken = tf.transpose(shares, [0, 2, 1, 3]).reshape([B * T, H * T]) as tf.Tensor2D; // [B T, H T]
  const ends = tf.tensor1d(Int32Array.from(endAt, (at, row) => row * T + at), "int32"); // [B]
  return tf.gather(byToken, ends).reshape([B, H, T]) as tf.Tensor3D; // [B, H, T]
}
