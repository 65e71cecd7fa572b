/** What a pseudo-word resembles: the words of the vocabulary whose embeddings point its way. */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import type { Clip } from "../clip/model_folder.ts";
import { weight } from "../clip/weights.ts";

/** A word with its cosine similarity. */
export interface NearWord {
  word: string;
  cosine: number;
}

/**
 * The nearest words of each pseudo-word, best first, special tokens (`<|...|>`) left out.
 * @param words `[N, D]`
 */
export async function nearestWords(clip: Clip, words: tf.Tensor2D, count: number): Promise<NearWord[][]> {
  const { vocab } = (clip.tokenizer.json as { model: { vocab: Record<string, number> } }).model;
  const entries = Object.entries(vocab).filter(([word]) => !/^<\|.*\|>$/.test(word));
  const cosines = tf.tidy(() => {
    const table = weight<tf.Tensor2D>(clip.weights, "text_model.embeddings.token_embedding.weight"); // [V, D]
    const rows = tf.gather(table, tf.tensor1d(entries.map(([, id]) => id), "int32")); // [W, D]
    return tf.matMul(normaliseRows(words), normaliseRows(rows), false, true); // [N, W]
  });
  const { values, indices } = tf.topk(cosines, count); // [N, count]
  const [cosine, place] = [await values.array() as number[][], await indices.array() as number[][]];
  tf.dispose([cosines, values, indices]);
  // CLIP's byte-pair vocabulary marks the end of a word.
  return place.map((row, i) =>
    row.map((at, k) => ({ word: entries[at][0].replace("</w>", ""), cosine: cosine[i][k] }))
  );
}
