/** What a pretraining on scenes leaves: the folder of the CLIP, what it binds, and its log. */
import type { Device } from "../../backend/device.ts";
import { loadClip, saveClip, type SaveClipOptions } from "../../clip/files/model_folder.ts";
import type { Path } from "../../io/path.ts";
import { thinned } from "../../report/progress.ts";
import { type Table, table } from "../../report/table.ts";
import { disposeWeights } from "../../tensors/weights.ts";
import { splitKinds } from "../data/pairs.ts";
import type { SpriteSet } from "../data/sprites.ts";
import { binding, type BindingFactor } from "../evaluation/binding.ts";
import type { ScenesPretrainOptions } from "../model/pretrain_scenes.ts";

/** What a CLIP of scenes binds on drawings of one style, percent; chance is 50. */
export interface BindingByStyle {
  /** The style. */
  style: string;
  /** For each factor, in how many of a hundred images the own caption is nearer. */
  nearer: Record<BindingFactor, number>;
}

/** Writes a pretrained CLIP in half precision and disposes its weights. */
export async function savePretrainedScenes(
  folder: Path,
  { recipe, ...clip }: Pick<SaveClipOptions, "config" | "tokenizer" | "weights"> & { recipe: ScenesPretrainOptions },
): Promise<void> {
  const halves: [number, number, number] = [0.5, 0.5, 0.5];
  const preprocessing = { size: clip.config.vision.imageSize, mean: halves, standardDeviation: halves };
  await saveClip(folder, { ...clip, preprocessing, metadata: { seed: String(recipe.seed) }, floats: "F16" });
  disposeWeights(clip.weights);
}

/**
 * Measures what a saved CLIP binds, on validation kinds: test kinds are looked at by studies alone.
 *
 * @param splitSeed seed of the split of the kinds; 0 by default
 */
export async function bindingByStyle(
  folder: Path,
  styles: readonly SpriteSet[],
  splitSeed = 0,
): Promise<BindingByStyle[]> {
  const clip = await loadClip(folder), kinds = splitKinds(splitSeed).validation, measured: BindingByStyle[] = [];
  try {
    for (const sprites of styles) {
      measured.push({ style: sprites.style, nearer: await binding(clip, { kinds, sprites }) });
    }
  } finally {
    disposeWeights(clip.weights);
  }
  return measured;
}

/** Makes the table of what is bound; one row a factor. */
export function bindingTable(measured: readonly BindingByStyle[]): Table {
  const factors = Object.keys(measured[0].nearer) as BindingFactor[];
  return table(
    ["own caption against one that differs in", ...measured.map(({ style }) => style)],
    factors.map((factor) => [factor, ...measured.map(({ nearer }) => nearer[factor])]),
  );
}

/** Returns the content of the model's `training_log.json`. */
export function scenesPretrainLog(
  { device, styles, recipe, seconds, losses, bound }: {
    device: Device;
    styles: readonly SpriteSet[];
    recipe: ScenesPretrainOptions;
    seconds: number;
    losses: readonly number[];
    bound: readonly BindingByStyle[];
  },
): Record<string, unknown> {
  return {
    command: "deno task pretrain --world scenes --out FOLDER",
    device,
    cpuThreads: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    images: styles.map(({ style, source }) => ({ style, source })),
    clip: { recipe, seconds, losses: thinned(losses), binding: bound },
  };
}
