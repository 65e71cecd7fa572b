/** Self-retrieval: measures how well the pseudo-token of an item identifies it, without queries or labels. */
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";
import { applyPhi, type Phi } from "./phi.ts";
import { imagePrompt } from "./prompts.ts";

/**
 * Computes R@1, in percent, of the text "a photo of [$]" with `[$] = phi(x)` as a query for x among all N items.
 *
 * @param features `[N, P]` of N images or captions, not normalised; the caller keeps and disposes it
 */
export async function selfRetrieval(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  phi: Pick<Phi, "weights" | "input">,
  features: tf.Tensor2D,
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<number> {
  const N = features.shape[0];
  const prompts = Array<string>(N).fill(imagePrompt);
  const pseudoTokens = applyPhi(phi, features); // [N, D]
  const queries = await encodeTexts(clip, prompts, { pseudoTokens, onProgress })
    .finally(() => pseudoTokens.dispose()); // [N, P]
  const best = tf.tidy(() => {
    const similarities = tf.matMul(normaliseRows(queries), normaliseRows(features), false, true); // [N, N]
    return tf.argMax(similarities, 1); // [N]
  });
  queries.dispose();
  const found = await best.data();
  best.dispose();
  return 100 * found.filter((index, item) => index === item).length / N;
}
