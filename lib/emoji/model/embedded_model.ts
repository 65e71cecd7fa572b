/** The embedded models: two small CLIPs that are part of the toolkit, each with a phi of every method. */
import type { ClipConfig } from "../../clip/model/config.ts";
import { type Clip, loadClip } from "../../clip/files/model_folder.ts";
import type { Phi } from "../../projection/phi.ts";
import { loadPhi } from "../../projection/phi_file.ts";
import type { PhiMethod } from "../../projection/fit_phi.ts";
import { filePath, inFolder, type Path } from "../../io/path.ts";
import { emojiSize } from "../data/images.ts";

/** The embedded CLIPs: "base", the default, and "small" with about half as many parameters. */
export const embeddedSizes = ["base", "small"] as const;
/** One of {@linkcode embeddedSizes}. */
export type EmbeddedSize = typeof embeddedSizes[number];

/** Returns the folder of an embedded model, as `loadClip` reads it. @param size "base" by default */
export function embeddedModelFolder(size: EmbeddedSize = "base"): URL {
  return new URL(`../../../data/${size === "base" ? "emoji-clip" : "emoji-clip-small"}/`, import.meta.url);
}

const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const;

// Patches of 8: in equal time they gave better retrieval than patches of 4 with width 128 (README of data/).
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

/** Returns the configuration of an embedded model. @param vocabulary number of tokens, special ones included */
export function embeddedConfig(vocabulary: number, size: EmbeddedSize = "base"): ClipConfig {
  const { projectionWidth, text, vision } = sizes[size];
  return {
    projectionWidth,
    text: { ...tower, ...text, vocabulary, context: 32, pooling: { at: "first end of text", id: 1 } },
    vision: { ...tower, ...vision, imageSize: emojiSize, patchSize: 8 },
  };
}

/** Returns the name of the file of a method's phi in an embedded model's folder. */
export function phiFile(method: PhiMethod): string {
  return `phi-${method.toLowerCase()}.safetensors`;
}

/** Name of the file of the Noto images' inverted pseudo-tokens (SEARLE-OTI) in an embedded model's folder. */
export const invertedFile = "oti.safetensors";

/** An embedded CLIP with a phi. */
export interface EmbeddedModel {
  /** The CLIP; the caller disposes its weights. */
  clip: Clip;
  /** The projection; the caller disposes its weights. */
  phi: Phi;
}

/** Which embedded model to load. */
export interface EmbeddedModelOptions {
  /** Size of the CLIP; "base" by default. */
  size?: EmbeddedSize;
  /** The method that trained phi; "LinCIR" by default. */
  method?: PhiMethod;
  /** The folder of the model; by default that of the embedded model of this size. */
  folder?: Path;
  /** The CLIP, if it is loaded already; it is returned as it is, and only phi is read. */
  clip?: Clip;
}

/**
 * Loads an embedded CLIP and a phi; the caller disposes the weights of both.
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
  await checkPermission(folder);
  const clip = loaded ?? await loadClip(folder);
  return { clip, phi: await loadPhi(clip, inFolder(folder, phiFile(method))) };
}

/** Checks that the model's files may be read, so that a missing flag is one sentence. */
async function checkPermission(folder: Path): Promise<void> {
  const path = filePath(folder);
  if ((await Deno.permissions.request({ name: "read", path })).state === "granted") return;
  throw new Error(`Loading the embedded model failed: reading ${path} is not permitted; add --allow-read.`);
}
