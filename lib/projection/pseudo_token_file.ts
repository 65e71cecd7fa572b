/** Pseudo-tokens of single images on disk: the result of textual inversion (SEARLE-OTI). */
import type { Clip } from "../clip/files/model_folder.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { sha256 } from "../io/hash.ts";
import { filePath, type Path } from "../io/path.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import * as tf from "../tensors/tf.ts";

/** Pseudo-tokens by image. */
export interface InvertedTokens {
  /** Names of the N images, in order. */
  names: string[];
  /** `[N, D]`; the caller disposes it. */
  tokens: tf.Tensor2D;
  /** What made them, JSON-safe. */
  provenance: Record<string, unknown>;
}

/** Inverted tokens that were read from a file. */
export interface LoadedTokens extends InvertedTokens {
  /** SHA-256 of the file, hexadecimal. */
  hash: string;
}

/** Writes pseudo-tokens as safetensors. @param floats number format of the embeddings */
export async function savePseudoTokens(
  file: Path,
  { names, tokens, provenance }: InvertedTokens,
  floats: "F32" | "F16" = "F32",
): Promise<void> {
  const metadata = { names: JSON.stringify(names), provenance: JSON.stringify(provenance) };
  const values = await tokens.data() as Float32Array;
  await writeAtomically(file, writeSafetensors({ pseudo_tokens: { shape: tokens.shape, values } }, metadata, floats));
}

/**
 * Loads pseudo-tokens for a CLIP.
 * @throws {Error} if the file is missing or damaged, holds no pseudo-tokens, or some for a CLIP of another width
 */
export async function loadPseudoTokens({ config }: Pick<Clip, "config">, file: Path): Promise<LoadedTokens> {
  const path = filePath(file), width = config.text.width;
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Reading pseudo-tokens failed: there is no file ${path}; "deno task train-phi" makes one.`);
  }
  const { arrays, metadata: { names, provenance } } = readSafetensors(bytes, path);
  // Version 0.1 called the array "words".
  const found = arrays.pseudo_tokens ?? arrays.words;
  if (!found || names === undefined || provenance === undefined) {
    throw new Error(`Reading ${path} failed: it holds no pseudo-tokens of images.`);
  }
  const list: string[] = JSON.parse(names);
  if (found.shape[0] !== list.length || found.shape[1] !== width) {
    throw new Error(
      `Reading ${path} failed: its pseudo-tokens are [${found.shape}], needed is [${list.length}, ${width}]; they were ` +
        "made for another CLIP.",
    );
  }
  return {
    names: list,
    tokens: tf.tensor2d(found.values, [list.length, width]),
    provenance: JSON.parse(provenance),
    hash: await sha256(bytes),
  };
}
