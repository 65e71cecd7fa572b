/** The small CLIPs that come with the toolkit, each with a phi of every method. */
import type { ClipConfig } from "../../clip/model/config.ts";
import { type Clip, loadClip } from "../../clip/files/model_folder.ts";
import type { Phi } from "../../projection/phi.ts";
import { loadPhi } from "../../projection/phi_file.ts";
import type { PhiMethod } from "../../projection/fit_phi.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { emojiSize } from "../data/images.ts";

/** The embedded CLIPs: the one that everything uses unless it says otherwise, and one of about half its size. */
export const embeddedSizes = ["base", "small"] as const;
/** One of {@linkcode embeddedSizes}. */
export type EmbeddedSize = typeof embeddedSizes[number];

/** Returns the folder of an embedded model. */
export function embeddedModelFolder(size: EmbeddedSize = "base"): URL {
  return new URL(`../../../data/${size === "base" ? "emoji-clip" : "emoji-clip-small"}/`, import.meta.url);
}

const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const;

// Patches of 8: at equal time they learnt more than patches of 4 with width 128 (README of data/).
const sizes = {
  base: {
    projectionWidth: 128,
    text: { width: 128, layers: 3, heads: 4, mlpWidth: 512 },
    vision: { width: 192, layers: 4, heads: 6, mlpWidth: 768 },
  },
  small: {
    projectionWidth: 96,
    text: { width: 96, layers: 2, heads: 3, mlpWidth: 384 },
    vision: { width: 128, layers: 4, heads: 4, mlpWidth: 512 },
  },
};

/** An embedded model's configuration; `vocabulary` words, specials included. */
export function embeddedConfig(vocabulary: number, size: EmbeddedSize = "base"): ClipConfig {
  const { projectionWidth, text, vision } = sizes[size];
  return {
    projectionWidth,
    text: { ...tower, ...text, vocabulary, context: 32, pooling: { at: "first end of text", id: 1 } },
    vision: { ...tower, ...vision, imageSize: emojiSize, patchSize: 8 },
  };
}

/** Name of the file of a method's phi, in an embedded model's folder. */
export function phiFile(method: PhiMethod): string {
  return `phi-${method.toLowerCase()}.safetensors`;
}

/** Name of the file of inverted images (SEARLE-OTI), in an embedded model's folder. */
export const invertedFile = "oti.safetensors";

/** An embedded CLIP with a phi; the caller disposes their weights. */
export interface EmbeddedModel {
  /** The CLIP. */
  clip: Clip;
  /** The projection. */
  phi: Phi;
}

/** Which embedded model to load. */
export interface EmbeddedModelOptions {
  /** The CLIP; "base" by default. */
  size?: EmbeddedSize;
  /** The method that trained phi; "LinCIR" by default. */
  method?: PhiMethod;
  /** Another folder than the model's own. */
  folder?: Path;
  /** The CLIP, where it is loaded already. */
  clip?: Clip;
}

/**
 * Loads an embedded CLIP and a phi.
 *
 * @throws {Error} if a file is missing or damaged, or the library was imported from the network without its data
 * @example
 * ```ts
 * import { loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * console.log(clip.config.projectionWidth, phi.method);
 * ```
 */
export async function loadEmbeddedModel(
  { size = "base", method = "LinCIR", folder = embeddedModelFolder(size), clip: loaded }: EmbeddedModelOptions = {},
): Promise<EmbeddedModel> {
  const clip = loaded ?? await loadClip(folder);
  return { clip, phi: await loadPhi(clip, inFolder(folder, phiFile(method))) };
}
