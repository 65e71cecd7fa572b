/** The small CLIP and phi that come with the toolkit, in `data/emoji-clip/`. */
import * as tf from "@tensorflow/tfjs";
import type { ClipConfig } from "../clip/config.ts";
import { type Clip, loadClip, readArrays, sha256 } from "../clip/model_folder.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import type { Phi } from "../projection/phi.ts";
import { pictureSize } from "./pictures.ts";

/** Where the embedded model lives. */
export const embeddedModelFolder = new URL("../../data/emoji-clip/", import.meta.url);

const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const;

/** The embedded model's sizes; `vocabulary` words, specials included. */
export function embeddedConfig(vocabulary: number): ClipConfig {
  return {
    projectionWidth: 128,
    text: {
      ...tower,
      width: 128,
      layers: 3,
      heads: 4,
      mlpWidth: 512,
      vocabulary,
      context: 32,
      pooling: { at: "first end of text", id: 1 },
    },
    // Patches of 8: at equal time it learnt more than patches of 4 with width 128 (README of data/).
    vision: { ...tower, width: 192, layers: 4, heads: 6, mlpWidth: 768, imageSize: pictureSize, patchSize: 8 },
  };
}

/** The embedded CLIP with its phi, and the hash of phi's file. */
export interface EmbeddedModel {
  clip: Clip;
  phi: Phi;
  phiHash: string;
}

/** Loads both. The weights are the caller's to dispose. @throws {Error} if a file is missing or damaged. */
export async function loadEmbeddedModel(folder: URL = embeddedModelFolder): Promise<EmbeddedModel> {
  const clip = await loadClip(folder);
  const file = new URL("phi.safetensors", folder);
  const bytes = await Deno.readFile(file);
  return { clip, phi: readPhi(bytes, file.pathname), phiHash: await sha256(bytes) };
}

/** A phi from the bytes of its safetensors file. */
function readPhi(bytes: Uint8Array, file: string): Phi {
  const { arrays, metadata } = readSafetensors(bytes, file);
  const { method, input } = metadata;
  if (method === undefined || (input !== "raw" && input !== "unit variance")) {
    throw new Error(`Reading ${file} failed: its metadata does not say the method and the input of a phi.`);
  }
  const weights = Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
  return { method, input, weights };
}

/** Writes a phi as half-precision safetensors. */
export async function savePhi(folder: URL, { method, input, weights }: Phi): Promise<void> {
  const bytes = writeSafetensors(await readArrays(weights), { method, input }, "F16");
  await writeAtomically(new URL("phi.safetensors", folder), bytes);
}
