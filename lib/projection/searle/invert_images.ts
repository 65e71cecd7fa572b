/** Textual inversion of any number of images, batch by batch, with a cache of finished batches on disk. */
import { backendName } from "../../backend/backend_name.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import { frozenTextFeatures } from "../../clip/frozen_text_features.ts";
import { checkWritable } from "../../io/check_writable.ts";
import { jsonHash } from "../../io/hash.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { isFile } from "../../io/read_file.ts";
import { random } from "../../tensors/random.ts";
import { tensorHash } from "../../tensors/tensor_hash.ts";
import * as tf from "../../tensors/tf.ts";
import { type InvertedTokens, loadPseudoTokens, savePseudoTokens } from "../pseudo_token_file.ts";
import type { DrawPhrase } from "./phrases.ts";
import { type InversionOptions, invertBatch } from "./textual_inversion.ts";

/** The images to invert, with the cache and the callback of the run. */
export interface InversionTask {
  /** Names of the N images. */
  names: readonly string[];
  /** `[N, P]`, features of the images, not normalised; the caller keeps and disposes it. */
  features: tf.Tensor2D;
  /** Draws a concept phrase for an image, as `phraseDrawer` returns it; absent: the loss has no phrase term. */
  draw?: DrawPhrase;
  /** Describes the phrases in the provenance. */
  phrases: string;
  /**
   * Folder of finished batches; those of the same images, phrases, recipe, CLIP and backend are read from it. Absent:
   * batches are not cached.
   */
  cache?: Path;
  /** Called with the steps done and the total over all batches; finished batches count as done, with a loss of NaN. */
  onStep?: (done: number, total: number, loss: number) => Promise<void> | void;
}

/**
 * Finds a pseudo-token for every image by textual inversion.
 *
 * @returns the pseudo-tokens, for `savePseudoTokens`; the caller disposes `tokens`
 * @throws {Error} if there are no images, names and features differ in number, the cache cannot be written, or the loss
 *   becomes NaN or infinite; every tensor of the run is then freed
 */
export async function invertImages(
  clip: Clip,
  { names, features, draw, phrases, cache, onStep = () => {} }: InversionTask,
  options: InversionOptions,
): Promise<InvertedTokens> {
  if (names.length === 0) throw new Error("Inverting images failed: there are none.");
  if (features.shape[0] !== names.length) {
    throw new Error(
      `Inverting images failed: there are ${names.length} names and features is [${features.shape}]; give one name for ` +
        "each row.",
    );
  }
  const provenance = { method: "SEARLE-OTI", recipe: options, phrases, clip: clip.hash, clipIdentity: clip.identity };
  const starts = Array.from({ length: Math.ceil(names.length / options.batch) }, (_, i) => i * options.batch);
  const total = starts.length * options.steps;
  const frozen = frozenTextFeatures(clip);
  if (cache) await checkWritable(cache); // before the first batch, which takes minutes
  const drawn = await draw?.data();
  const parts: tf.Tensor2D[] = [];
  try {
    for (const [index, first] of starts.entries()) {
      const batch = names.slice(first, first + options.batch);
      const images = tf.slice(features, [first, 0], [batch.length, -1]); // [B, P]
      try {
        // The name of a batch's file is a hash of all that decides its pseudo-tokens.
        const decisive = [provenance, first, batch, await tensorHash(images), drawn, backendName()];
        const key = (await jsonHash(decisive)).slice(0, 16);
        const file = cache && inFolder(cache, `${String(first).padStart(6, "0")}-${key}.safetensors`);
        if (file && isFile(file)) {
          parts.push((await loadPseudoTokens(clip, file)).tokens);
          await onStep((index + 1) * options.steps, total, NaN);
          continue;
        }
        const { tokens } = await invertBatch(
          clip,
          { features: images, first, draw },
          options,
          // The seed is the batch's own, so that batches may be inverted in any order and at any time.
          random(options.seed + first),
          { onStep: (step, loss) => onStep(index * options.steps + step, total, loss), frozen },
        );
        parts.push(tokens);
        if (file) await savePseudoTokens(file, { names: batch, tokens, provenance });
      } finally {
        images.dispose();
      }
    }
    return { names: [...names], tokens: tf.concat(parts) as tf.Tensor2D, provenance };
  } finally {
    tf.dispose(parts);
  }
}
