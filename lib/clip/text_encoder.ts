/**
 * CLIP's text tower, with a pseudo-word in the place of `[$]`.
 *
 * Letters: B rows, T tokens of the longest row, D width, V vocabulary, P width of the shared embedding.
 */
import * as tf from "@tensorflow/tfjs";
import type { TextConfig } from "./config.ts";
import type { TokenBatch } from "./tokenizer.ts";
import { norm, transformer } from "./transformer.ts";
import { weight, type Weights } from "./weights.ts";

/**
 * Text features, not normalised.
 *
 * The batch is as long as its longest row: with a causal mask and a pooled end-of-text token, what stands behind that
 * token changes nothing, so trimming gives the features of full-length padding.
 *
 * @param tokens a batch from the tokenizer
 * @param pseudoWords `[B, D]`: the embedding that takes the place of every `[$]` in its row; needed if and only if the
 *   texts contain `[$]`
 * @returns `[B, P]`
 */
export function encodeText(
  weights: Weights,
  config: TextConfig,
  tokens: TokenBatch,
  pseudoWords?: tf.Tensor2D,
): tf.Tensor2D {
  const { rows: B, length: T } = tokens;
  if ((tokens.pseudoPlaces !== undefined) !== (pseudoWords !== undefined)) {
    throw new Error(
      pseudoWords
        ? "Encoding texts failed: pseudo-words were given and no text contains [$]."
        : "Encoding texts failed: the texts contain [$] and no pseudo-words were given.",
    );
  }
  if (pseudoWords && (pseudoWords.shape[0] !== B || pseudoWords.shape[1] !== config.width)) {
    throw new Error(
      `Encoding texts failed: pseudoWords is [${pseudoWords.shape}], expected [B, D] = [${B}, ${config.width}].`,
    );
  }
  return tf.tidy(() => {
    const table = weight<tf.Tensor2D>(weights, "text_model.embeddings.token_embedding.weight"); // [V, D]
    const places = weight<tf.Tensor2D>(weights, "text_model.embeddings.position_embedding.weight"); // [context, D]
    let words = tf.gather(table, tf.tensor1d(tokens.ids, "int32")).reshape([B, T, -1]) as tf.Tensor3D; // [B, T, D]
    if (pseudoWords) {
      const place = tf.tensor3d(tokens.pseudoPlaces!, [B, T, 1]); // [B, T, 1]
      words = tf.add(tf.mul(words, tf.sub(1, place)), tf.mul(tf.expandDims(pseudoWords, 1), place)); // [B, T, D]
    }
    const x = tf.add(words, tf.slice(places, [0, 0], [T, -1])) as tf.Tensor3D; // [B, T, D]
    const y = transformer(x, weights, "text_model", config, causalMask(T)); // [B, T, D]
    const ends = Int32Array.from(tokens.endAt, (at, row) => row * T + at);
    const pooled = tf.gather(y.reshape([B * T, -1]), tf.tensor1d(ends, "int32")) as tf.Tensor2D; // [B, D]
    const final = norm(pooled, weights, "text_model.final_layer_norm", config); // [B, D]
    return tf.matMul(final, weight<tf.Tensor2D>(weights, "text_projection.weight"), false, true); // [B, P]
  });
}

/** `[T, T]`: 0 where a token may look, a large negative number (finite, so that no backend makes NaN) where not. */
function causalMask(T: number): tf.Tensor2D {
  const mask = new Float32Array(T * T);
  for (let from = 0; from < T; from++) mask.fill(-1e9, from * T + from + 1, (from + 1) * T);
  return tf.tensor2d(mask, [T, T]);
}
