/** How much of an item its pseudo-token keeps: a check of a phi that needs no queries and no labels. */
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
 * @param features `[N, P]` of images or of captions, not normalised
 */
export async function selfRetrieval(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  phi: Pick<Phi, "weights" | "input">,
  features: tf.Tensor2D,
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<number> {
  const N = features.shape[0];
  const pseudoTokens = applyPhi(phi, features); // [N, D]
  const queries = await encodeTexts(clip, Array<string>(N).fill(imagePrompt), { pseudoTokens, onProgress }); // [N, P]
  const best = tf.tidy(() => tf.argMax(tf.matMul(normaliseRows(queries), normaliseRows(features), false, true), 1)); // [N]
  const found = await best.data();
  tf.dispose([pseudoTokens, queries, best]);
  return 100 * found.filter((index, item) => index === item).length / N;
}
