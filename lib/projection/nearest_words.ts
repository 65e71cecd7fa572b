/** The vocabulary tokens that a pseudo-token is most similar to. */
import type { Clip } from "../clip/files/model_folder.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";
import { weight } from "../tensors/weights.ts";

/** A token of the vocabulary with the similarity of its embedding to a pseudo-token. */
export interface NearWord {
  /** The token, without CLIP's end-of-word mark. */
  word: string;
  /** Cosine similarity of both embeddings, from -1 to 1. */
  cosine: number;
}

/**
 * Finds the nearest vocabulary tokens of each pseudo-token, best first; special tokens (`<|...|>`) are left out.
 *
 * @param pseudoTokens `[N, D]`
 * @param count number of tokens to return for each
 * @returns `count` tokens for each of the N pseudo-tokens
 */
export async function nearestWords(
  clip: Pick<Clip, "weights" | "tokenizer">,
  pseudoTokens: tf.Tensor2D,
  count: number,
): Promise<NearWord[][]> {
  const { vocab } = (clip.tokenizer.json as { model: { vocab: Record<string, number> } }).model;
  const entries = Object.entries(vocab).filter(([word]) => !/^<\|.*\|>$/.test(word));
  const cosines = tf.tidy(() => {
    const table = weight<tf.Tensor2D>(clip.weights, "text_model.embeddings.token_embedding.weight"); // [V, D]
    const rows = tf.gather(table, tf.tensor1d(entries.map(([, id]) => id), "int32")); // [W, D]
    return tf.matMul(normaliseRows(pseudoTokens), normaliseRows(rows), false, true); // [N, W]
  });
  const { values, indices } = tf.topk(cosines, count); // [N, count]
  const [cosine, index] = [await values.array() as number[][], await indices.array() as number[][]];
  tf.dispose([cosines, values, indices]);
  return index.map((row, i) =>
    row.map((at, k) => ({ word: entries[at][0].replace("</w>", ""), cosine: cosine[i][k] }))
  );
}
