/** Reads and writes inverted pseudo-tokens: one for each image, found by textual inversion (SEARLE-OTI). */
import { requireFinite } from "../io/numbers.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { sha256 } from "../io/hash.ts";
import { headerJson } from "../io/header_json.ts";
import { isObject, isTexts } from "../io/json_values.ts";
import { filePath, type Path } from "../io/path.ts";
import { readBytes } from "../io/read_file.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { type FileClip, requireOrigin } from "./clip_origin.ts";
import * as tf from "../tensors/tf.ts";

/** The inverted pseudo-tokens of N images. */
export interface InvertedTokens {
  /** Names of the images, in the order of the rows of `tokens`. */
  names: string[];
  /** `[N, D]`, a pseudo-token for each image; the caller disposes it. */
  tokens: tf.Tensor2D;
  /** Their origin, JSON-safe: method, recipe, phrases, hash of the CLIP. */
  provenance: Record<string, unknown>;
}

/** Inverted pseudo-tokens that were read from a file. */
export interface LoadedTokens extends InvertedTokens {
  /** SHA-256 of the file, 64 hexadecimal digits. */
  hash: string;
}

/**
 * Writes inverted pseudo-tokens as safetensors.
 *
 * @param floats number format: "F32" (default), or "F16" with half the size and 11 bits of precision
 * @throws {Error} if the disk refuses
 */
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
 * Loads inverted pseudo-tokens for a CLIP.
 *
 * @throws {Error} if the file is missing or damaged, holds no pseudo-tokens, or some for another CLIP: of another
 *   width, or named by other weights
 */
export async function loadPseudoTokens(clip: FileClip, file: Path): Promise<LoadedTokens> {
  const path = filePath(file), width = clip.config.text.width;
  const bytes = await readBytes("pseudo-tokens", path, '; "deno task train-phi" makes one');
  const { arrays, metadata } = readSafetensors(bytes, path);
  // Version 0.1 called the array "words".
  const found = arrays.pseudo_tokens ?? arrays.words;
  if (!found || metadata.names === undefined || metadata.provenance === undefined) {
    throw new Error(`Reading ${path} failed: it holds no pseudo-tokens of images.`);
  }
  requireFinite(found.values, "pseudo_tokens", path);
  const names = headerJson(metadata, "names", isTexts, path);
  const provenance = headerJson(metadata, "provenance", isObject, path);
  if (found.shape.join() !== [names.length, width].join()) {
    throw new Error(
      `Reading ${path} failed: its pseudo-tokens are [${found.shape}], needed is [${names.length}, ${width}]; they ` +
        "were made for another CLIP.",
    );
  }
  requireOrigin(provenance, clip, path);
  return {
    names,
    tokens: tf.tensor2d(found.values, [names.length, width]),
    provenance,
    hash: await sha256(bytes),
  };
}
