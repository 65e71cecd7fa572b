/**
 * CLIP's text tower, with a pseudo-token in place of the placeholder `[$]`.
 *
 * Letters: B rows, T tokens of the longest row, D width, V vocabulary, P width of the shared embedding.
 */
import * as tf from "../../tensors/tf.ts";
import type { TextConfig } from "./config.ts";
import type { TokenBatch } from "./tokenizer.ts";
import { norm, type OnAttention, transformer } from "./transformer.ts";
import { weight, type Weights } from "../../tensors/weights.ts";

/**
 * Encodes one batch of tokenized texts and returns un-normalised features `[B, P]`; differentiable.
 *
 * The batch is as long as its longest row: with a causal mask and a pooled end-of-text token, what stands behind that
 * token changes nothing, so trimming gives the features of full-length padding.
 *
 * @param weights the text tower's weights and its projection
 * @param config the text tower's sizes
 * @param tokens a batch from the tokenizer
 * @param pseudoTokens `[B, D]`: the embedding that replaces that of every `[$]` in its row; needed if and only if the
 *   texts contain `[$]`
 * @param onAttention called with the attention of each layer, for those who watch it
 * @returns `[B, P]`, the caller's to dispose
 * @throws {Error} if `pseudoTokens` has another shape, or does not come together with `[$]`
 */
export function encodeTokens(
  weights: Weights,
  config: TextConfig,
  tokens: TokenBatch,
  pseudoTokens?: tf.Tensor2D,
  onAttention?: OnAttention,
): tf.Tensor2D {
  const { rows: B, length: T } = tokens;
  if ((tokens.pseudoTokenMask !== undefined) !== (pseudoTokens !== undefined)) {
    throw new Error(
      pseudoTokens
        ? "Encoding texts failed: pseudo-tokens were given and no text contains [$]."
        : "Encoding texts failed: the texts contain [$] and no pseudo-tokens were given.",
    );
  }
  if (pseudoTokens && (pseudoTokens.shape[0] !== B || pseudoTokens.shape[1] !== config.width)) {
    throw new Error(
      `Encoding texts failed: pseudoTokens is [${pseudoTokens.shape}], expected [B, D] = [${B}, ${config.width}].`,
    );
  }
  return tf.tidy(() => {
    const tokenTable = weight<tf.Tensor2D>(weights, "text_model.embeddings.token_embedding.weight"); // [V, D]
    const positionTable = weight<tf.Tensor2D>(weights, "text_model.embeddings.position_embedding.weight"); // [context, D]
    const ids = tf.tensor1d(tokens.ids, "int32"); // [B T]
    let embeddings = tf.gather(tokenTable, ids).reshape([B, T, -1]) as tf.Tensor3D; // [B, T, D]
    if (pseudoTokens) {
      const mask = tf.tensor3d(tokens.pseudoTokenMask!, [B, T, 1]); // [B, T, 1]
      const kept = tf.mul(embeddings, tf.sub(1, mask)); // [B, T, D]
      embeddings = tf.add(kept, tf.mul(tf.expandDims(pseudoTokens, 1), mask)); // [B, T, D]
    }
    const x = tf.add(embeddings, tf.slice(positionTable, [0, 0], [T, -1])) as tf.Tensor3D; // [B, T, D]
    const y = transformer(x, weights, "text_model", config, causalMask(T), onAttention); // [B, T, D]
    const ends = Int32Array.from(tokens.endAt, (at, row) => row * T + at);
    const pooled = tf.gather(y.reshape([B * T, -1]), tf.tensor1d(ends, "int32")) as tf.Tensor2D; // [B, D]
    const final = norm(pooled, weights, "text_model.final_layer_norm", config); // [B, D]
    return tf.matMul(final, weight<tf.Tensor2D>(weights, "text_projection.weight"), false, true); // [B, P]
  });
}

/** The causal mask `[T, T]`: 0 where a token may look, else a large negative number (infinity would make NaN). */
function causalMask(T: number): tf.Tensor2D {
  const mask = new Float32Array(T * T);
  for (let from = 0; from < T; from++) mask.fill(-1e9, from * T + from + 1, (from + 1) * T);
  return tf.tensor2d(mask, [T, T]);
}
