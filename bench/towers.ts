/** Sizes of the text towers that the benches and the GPU check measure, with made weights. */
import type { ClipConfig, TextConfig } from "../lib/clip/model/config.ts";
import { embeddedConfig } from "../lib/emoji/model/embedded_model.ts";

/** A tower's name. */
export type TowerName = keyof typeof towers;

const clip = {
  vocabulary: 49408,
  context: 77,
  layerNormEps: 1e-5,
  pooling: { at: "first end of text", id: 49407 },
} as const;
const openai = { ...clip, activation: "quick_gelu" } as const, laion = { ...clip, activation: "gelu" } as const;
const small = embeddedConfig(300).text;

/** The text towers; what is published pads to 77 tokens, the embedded CLIP's own context is 32. */
export const towers = {
  tiny: { ...small, width: 32, layers: 3, heads: 2, mlpWidth: 128, context: 77 },
  embedded: { ...small, vocabulary: 4242, context: 77 },
  "ViT-B/32": { ...openai, width: 512, layers: 12, heads: 8, mlpWidth: 2048 },
  "ViT-L/14": { ...openai, width: 768, layers: 12, heads: 12, mlpWidth: 3072 },
  // As open_clip's ViT-H-14 and ViT-bigG-14.
  "ViT-H/14": { ...laion, width: 1024, layers: 24, heads: 16, mlpWidth: 4096 },
  "ViT-G/14": { ...laion, width: 1280, layers: 32, heads: 20, mlpWidth: 5120 },
} as const satisfies Record<string, TextConfig>;

/** All names. */
export const towerNames = Object.keys(towers) as TowerName[];

/** The tower in a whole CLIP: beside the least image tower there is, or one of ViT-L/14's true size. */
export function towerConfig(name: TowerName, { largeVision = false }: { largeVision?: boolean } = {}): ClipConfig {
  const text: TextConfig = towers[name], { activation, layerNormEps } = text;
  const vision = largeVision
    ? { width: 1024, layers: 24, heads: 16, mlpWidth: 4096, imageSize: 224, patchSize: 14 }
    : { width: 8, layers: 1, heads: 1, mlpWidth: 8, imageSize: 16, patchSize: 16 };
  return { projectionWidth: text.width, text, vision: { activation, layerNormEps, ...vision } };
}
