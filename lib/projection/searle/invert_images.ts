/** Textual inversion of any number of images, batch by batch, with a cache of finished batches on disk. */
import type { Clip } from "../../clip/files/model_folder.ts";
import { frozenTextFeatures } from "../../clip/frozen_text_features.ts";
import { jsonHash, sha256 } from "../../io/hash.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { random } from "../../tensors/random.ts";
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
  /** Identifies the phrases in the provenance and in the cache; it must differ for different phrases. */
  phrases: string;
  /** Folder of finished batches; those of the same run are read from it. Absent: batches are not cached. */
  cache?: Path;
  /** Called with the steps done and the total over all batches; finished batches count as done, with a loss of NaN. */
  onStep?: (done: number, total: number, loss: number) => Promise<void> | void;
}

/**
 * Finds a pseudo-token for every image by textual inversion.
 *
 * @returns the pseudo-tokens, for `savePseudoTokens`; the caller disposes `tokens`
 * @throws {Error} if there are no images, names and features differ in number, or the loss becomes NaN or infinite
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
  const parts: tf.Tensor2D[] = [];
  if (cache) await Deno.mkdir(cache, { recursive: true });
  for (const [index, first] of starts.entries()) {
    const batch = names.slice(first, first + options.batch);
    const images = tf.tidy(() => tf.slice(features, [first, 0], [batch.length, -1])); // [B, P]
    // The name of a batch's file is a hash of all that decides it, the images' features included.
    const contents = await sha256(bytesOf(await images.data() as Float32Array));
    const key = (await jsonHash([provenance, first, batch, contents])).slice(0, 16);
    const file = cache && inFolder(cache, `${String(first).padStart(6, "0")}-${key}.safetensors`);
    if (file && await exists(file)) {
      parts.push((await loadPseudoTokens(clip, file)).tokens);
      images.dispose();
      await onStep((index + 1) * options.steps, total, NaN);
      continue;
    }
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

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
