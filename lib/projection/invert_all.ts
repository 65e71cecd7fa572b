/** Inverts any number of pictures, block by block; a finished block stays finished whatever happens next. */
import * as tf from "@tensorflow/tfjs";
import { frozenTexts } from "../clip/frozen_texts.ts";
import { type Clip, jsonHash } from "../clip/model_folder.ts";
import { random } from "../training/random.ts";
import { type InversionOptions, invertBlock } from "./inversion.ts";
import type { DrawPhrase } from "./phrases.ts";
import { loadWords, type PictureWords, saveWords } from "./word_file.ts";

/** What is inverted. */
export interface InversionTask {
  names: readonly string[];
  /** `[N, P]`, not normalised; stays the caller's. */
  features: tf.Tensor2D;
  /** Absent: no phrase term. */
  draw?: DrawPhrase;
  /** Where the phrases came from, for the record; whatever changes them must change it. */
  phrases: string;
}

/** How it is watched and stopped. */
export interface InversionRun {
  /** A folder for finished blocks; those of the same run found there are not made again. Absent: nothing is kept on the way. */
  blocks?: string;
  /** Steps done and to do, over all blocks; finished blocks count as done. */
  onStep?: (done: number, total: number, loss: number) => Promise<void> | void;
}

/**
 * Inverts all pictures.
 * @throws {Error} if there are none
 */
export async function invertAll(
  clip: Clip,
  { names, features, draw, phrases }: InversionTask,
  options: InversionOptions,
  { blocks, onStep = () => {} }: InversionRun = {},
): Promise<PictureWords> {
  if (names.length === 0) throw new Error("Inverting pictures failed: there are none.");
  const provenance = { method: "SEARLE-OTI", recipe: options, phrases, clip: clip.hash };
  const starts = Array.from({ length: Math.ceil(names.length / options.batch) }, (_, i) => i * options.batch);
  const total = starts.length * options.steps;
  const frozen = frozenTexts(clip);
  const parts: tf.Tensor2D[] = [];
  if (blocks) await Deno.mkdir(blocks, { recursive: true });
  for (const [index, first] of starts.entries()) {
    const block = names.slice(first, first + options.batch);
    // The name of a block's file holds all that decides it.
    const key = (await jsonHash([provenance, first, block])).slice(0, 16);
    const file = `${blocks}/${String(first).padStart(6, "0")}-${key}.safetensors`;
    const found = blocks && await exists(file) ? await loadWords(file, clip.config.text.width) : undefined;
    if (found) {
      parts.push(found.words);
      await onStep((index + 1) * options.steps, total, NaN);
      continue;
    }
    const shown = tf.tidy(() => tf.slice(features, [first, 0], [block.length, -1])); // [B, P]
    const { words } = await invertBlock(
      clip,
      { features: shown, first, draw },
      options,
      // Of the block alone, so that blocks may be done in any order and at any time.
      random(options.seed + first),
      (step, loss) => onStep(index * options.steps + step, total, loss),
      frozen,
    );
    shown.dispose();
    if (blocks) await saveWords(file, { names: block, words, provenance }, "F32");
    parts.push(words);
  }
  const words = tf.concat(parts) as tf.Tensor2D; // [N, D]
  tf.dispose(parts);
  return { names: [...names], words, provenance };
}

async function exists(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}
