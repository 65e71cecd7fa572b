/** Pseudo-words of single pictures on disk: what inversion (SEARLE-OTI) leaves. */
import * as tf from "@tensorflow/tfjs";
import { sha256 } from "../clip/model_folder.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";

/** Pseudo-words by picture. */
export interface PictureWords {
  /** Names of the N pictures, in order. */
  names: string[];
  /** `[N, D]`, the caller's to dispose. */
  words: tf.Tensor2D;
  /** What made them, JSON-safe. */
  provenance: Record<string, unknown>;
}

/** Writes pseudo-words. */
export async function saveWords(
  file: string | URL,
  { names, words, provenance }: PictureWords,
  floats: "F32" | "F16",
): Promise<void> {
  const metadata = { names: JSON.stringify(names), provenance: JSON.stringify(provenance) };
  const values = await words.data() as Float32Array;
  await writeAtomically(file, writeSafetensors({ words: { shape: words.shape, values } }, metadata, floats));
}

/**
 * Reads pseudo-words.
 * @param width of a token embedding; words of another width are refused
 * @returns them with the hash of their file
 * @throws {Error} if the file is damaged, holds no pseudo-words, or words for another CLIP
 */
export async function loadWords(file: string | URL, width: number): Promise<PictureWords & { hash: string }> {
  const bytes = await Deno.readFile(file), path = file instanceof URL ? file.pathname : file;
  const { arrays: { words }, metadata: { names, provenance } } = readSafetensors(bytes, path);
  if (!words || names === undefined || provenance === undefined) {
    throw new Error(`Reading ${path} failed: it holds no pseudo-words of pictures.`);
  }
  const list: string[] = JSON.parse(names);
  if (words.shape[0] !== list.length || words.shape[1] !== width) {
    throw new Error(
      `Reading ${path} failed: its words are [${words.shape}], needed is [${list.length}, ${width}]; were they made ` +
        "for another CLIP?",
    );
  }
  return {
    names: list,
    words: tf.tensor2d(words.values, [list.length, width]),
    provenance: JSON.parse(provenance),
    hash: await sha256(bytes),
  };
}
