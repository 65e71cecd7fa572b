/** What a pretraining leaves: the folder of the CLIP, its plain retrieval, and its log. */
import type { Device } from "../../backend/device.ts";
import { loadClip, saveClip, type SaveClipOptions } from "../../clip/files/model_folder.ts";
import type { Path } from "../../io/path.ts";
import { thinned } from "../../report/progress.ts";
import { disposeWeights } from "../../tensors/weights.ts";
import type { Emoji } from "../data/catalogue.ts";
import type { ImageSet } from "../data/images.ts";
import { type LabelRetrieval, labelRetrieval } from "../evaluation/label_retrieval.ts";
import type { EmbeddedSize } from "../model/embedded_model.ts";
import type { PretrainOptions } from "../model/pretrain.ts";

/** What {@linkcode savePretrained} needs. */
export interface Pretrained extends Pick<SaveClipOptions, "config" | "tokenizer" | "weights"> {
  /** The recipe that it was trained by. */
  recipe: PretrainOptions;
  /** All emoji, for their captions. */
  emoji: readonly Emoji[];
  /** The images of all styles. */
  images: readonly ImageSet[];
}

/**
 * Writes a pretrained CLIP in half precision, disposes its weights, and measures the plain retrieval of what was
 * written.
 * @returns one measurement for each style of drawings
 */
export async function savePretrained(
  folder: Path,
  { config, tokenizer, weights, recipe, emoji, images }: Pretrained,
): Promise<LabelRetrieval[]> {
  const halves: [number, number, number] = [0.5, 0.5, 0.5];
  const preprocessing = { size: config.vision.imageSize, mean: halves, standardDeviation: halves };
  const metadata = { seed: String(recipe.seed) };
  await saveClip(folder, { config, tokenizer, weights, preprocessing, metadata, floats: "F16" });
  disposeWeights(weights);
  const clip = await loadClip(folder), retrieval: LabelRetrieval[] = [];
  for (const style of images) retrieval.push(await labelRetrieval(clip, { emoji, images: style }));
  disposeWeights(clip.weights);
  return retrieval;
}

/** What {@linkcode pretrainLog} records. */
export interface PretrainRecord {
  /** Which embedded CLIP it is. */
  size: EmbeddedSize;
  /** The device that computed. */
  device: Device;
  /** The images of all styles. */
  images: readonly ImageSet[];
  /** The recipe. */
  recipe: PretrainOptions;
  /** Seconds of the training. */
  seconds: number;
  /** The loss of every step. */
  losses: readonly number[];
  /** Plain retrieval by style. */
  retrieval: readonly LabelRetrieval[];
}

/** Returns the content of the model's `training_log.json`. */
export function pretrainLog(record: PretrainRecord): Record<string, unknown> {
  const { size, device, images, recipe, seconds, losses, retrieval } = record;
  return {
    command: `deno task pretrain --size ${size} --out FOLDER`,
    device,
    cpuThreads: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    images: images.map(({ style, source, codes, failed }) => ({ style, source, count: codes.length, failed })),
    clip: { recipe, seconds, losses: thinned(losses), retrieval },
  };
}
