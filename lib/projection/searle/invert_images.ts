/** Textual inversion of any number of images, batch by batch; a finished batch is kept on disk. */
import type { Clip } from "../../clip/files/model_folder.ts";
import { frozenTextFeatures } from "../../clip/frozen_text_features.ts";
import { jsonHash } from "../../io/hash.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { random } from "../../tensors/random.ts";
import * as tf from "../../tensors/tf.ts";
import { type InvertedTokens, loadPseudoTokens, savePseudoTokens } from "../pseudo_token_file.ts";
import type { DrawPhrase } from "./phrases.ts";
import { type InversionOptions, invertBatch } from "./textual_inversion.ts";

/** The images to invert, and how the run is observed. */
export interface InversionTask {
  /** Names of the N images. */
  names: readonly string[];
  /** `[N, P]`, not normalised; the caller keeps and disposes it. */
  features: tf.Tensor2D;
  /** Draws phrases; absent: no phrase term. */
  draw?: DrawPhrase;
  /** Where the phrases came from, for the record; it must differ for different phrases. */
  phrases: string;
  /** A folder for finished batches; those of the same run found there are not inverted again. Absent: none are kept. */
  cache?: Path;
  /** Called with the steps done and the total over all batches; finished batches count as done, with a loss of NaN. */
  onStep?: (done: number, total: number, loss: number) => Promise<void> | void;
}

/** Finds a pseudo-token for every image. @throws {Error} if there are no images */
export async function invertImages(
  clip: Clip,
  { names, features, draw, phrases, cache, onStep = () => {} }: InversionTask,
  options: InversionOptions,
): Promise<InvertedTokens> {
  if (names.length === 0) throw new Error("Inverting images failed: there are none.");
  const provenance = { method: "SEARLE-OTI", recipe: options, phrases, clip: clip.hash };
  const starts = Array.from({ length: Math.ceil(names.length / options.batch) }, (_, i) => i * options.batch);
  const total = starts.length * options.steps;
  const frozen = frozenTextFeatures(clip);
  const parts: tf.Tensor2D[] = [];
  if (cache) await Deno.mkdir(cache, { recursive: true });
  for (const [index, first] of starts.entries()) {
    const batch = names.slice(first, first + options.batch);
    // The name of a batch's file is a hash of all that decides it.
    const key = (await jsonHash([provenance, first, batch])).slice(0, 16);
    const file = cache && inFolder(cache, `${String(first).padStart(6, "0")}-${key}.safetensors`);
    if (file && await exists(file)) {
      parts.push((await loadPseudoTokens(clip, file)).tokens);
      await onStep((index + 1) * options.steps, total, NaN);
      continue;
    }
    const images = tf.tidy(() => tf.slice(features, [first, 0], [batch.length, -1])); // [B, P]
    // The seed is the batch's own, so that batches may be inverted in any order and at any time.
    const { tokens } = await invertBatch(
      clip,
      { features: images, first, draw },
      options,
      random(options.seed + first),
      {
        onStep: (step, loss) => onStep(index * options.steps + step, total, loss),
        frozen,
      },
    );
    images.dispose();
    if (file) await savePseudoTokens(file, { names: batch, tokens, provenance });
    parts.push(tokens);
  }
  const tokens = tf.concat(parts) as tf.Tensor2D; // [N, D]
  tf.dispose(parts);
  return { names: [...names], tokens, provenance };
}

async function exists(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}
