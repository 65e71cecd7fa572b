/** How much of a picture its pseudo-word keeps: the check of a phi that needs no queries and no labels. */
import * as tf from "@tensorflow/tfjs";
import { encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import { applyPhi, type Phi, phiInput } from "../projection/phi.ts";
import { imagePrompt } from "../rtd/sampler.ts";
import { rankGallery, recallAt } from "./ranking.ts";

/**
 * R@1, in percent, of the text "a photo of [$]" with `[$] = phi(x)` asking for x among all N.
 * @param features `[N, P]` of pictures or of captions, not normalised
 */
export async function pseudoWordRetrieval(clip: Clip, phi: Phi, features: tf.Tensor2D): Promise<number> {
  const N = features.shape[0];
  const words = tf.tidy(() => applyPhi(phi, phiInput(features, phi.input))); // [N, D]
  const queries = await encodeTexts(clip, Array<string>(N).fill(imagePrompt), words); // [N, P]
  const questions = Array.from({ length: N }, (_, i) => ({ correct: [i], exclude: [] }));
  const ranked = await rankGallery(queries, features, questions, 1);
  tf.dispose([words, queries]);
  return recallAt(ranked.map(({ rank }) => rank), 1);
}
