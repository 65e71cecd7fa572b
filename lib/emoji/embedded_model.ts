/** The small CLIP and phi that come with the toolkit, in `data/emoji-clip/`. */
import type { ClipConfig } from "../clip/config.ts";
import { type Clip, loadClip } from "../clip/model_folder.ts";
import type { Phi } from "../projection/phi.ts";
import { loadPhi } from "../projection/phi_file.ts";
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
  const widths = { embedding: clip.config.projectionWidth, token: clip.config.text.width };
  const { phi, hash } = await loadPhi(new URL("phi.safetensors", folder), widths);
  return { clip, phi, phiHash: hash };
}
