/** What `deno task train` is to do, once its options are checked. */
import { basename } from "node:path";
import type { Device } from "../lib/backend/device.ts";
import type { EncoderChoice } from "../lib/clip/batch_encoder.ts";
import type { Towers } from "../lib/clip/files/model_folder.ts";
import type { Tokenizer } from "../lib/clip/model/tokenizer.ts";
import type { BenchmarkData } from "../lib/evaluation/benchmark_data.ts";
import { counted } from "../lib/io/counted.ts";
import type { KeptCaptions } from "../lib/rtd/kept_captions.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import type { StepMemory } from "../lib/rtd/step_memory.ts";
import type { ReadingReport } from "../lib/triplets/read/read_triplets.ts";
import type { TripletList } from "../lib/triplets/triplet_list.ts";

/** A checked task. */
export interface TrainTask {
  device: Device;
  /** Folder of the CLIP, file of phi. */
  clip: string;
  phi: string;
  targetPad?: number;
  /** The CLIP's, which has named the words that it does not know. */
  tokenizer: Tokenizer;
  triplets: TripletList;
  reading: ReadingReport;
  recipe: RtdRecipe;
  /** What the recipe's `keepCaptions` preserves; absent: the steps' targets. */
  keptCaptions?: KeptCaptions & { file: string };
  /** What becomes of an epoch's last triplets that make no whole batch. */
  incompleteBatch: "span" | "drop";
  encoder: EncoderChoice;
  recompute: boolean;
  validation?: TrainValidation;
  /** Folder of the run. */
  out: string;
  saveEvery: number;
  /** What a step will need. */
  memory: StepMemory;
  /** What decides the run, as far as it is known before the models are loaded. */
  configuration: Record<string, unknown>;
  /** Steps that the checkpoint to go on from has done; absent: a new run. */
  resumed?: { step: number };
}

/** How a training is validated. */
export interface TrainValidation {
  data: BenchmarkData;
  /** Steps between validations. */
  every: number;
  /** The figure of the best encoder. */
  bestBy: string;
  /** Folder of cached features. */
  cache: string;
  /** Queries on the page. */
  show: number;
}

/** Which towers of the CLIP a run loads: the image tower only to encode the images that it validates on. */
export function towersOf(validation: TrainValidation | undefined): Towers {
  return validation !== undefined && validation.data.captions === undefined ? "both" : "text";
}

/** Says which captions are kept, with which weight; undefined if none are. */
export function keptText({ recipe: { keepCaptions }, keptCaptions }: TrainTask): string | undefined {
  if (keepCaptions === 0) return undefined;
  const which = keptCaptions
    ? `${counted(keptCaptions.captions.length, "caption")} of ${basename(keptCaptions.file)} (SHA-256 ${
      keptCaptions.hash.slice(0, 16)
    })`
    : "the target captions of each step";
  return `${which}, weight ${keepCaptions}`;
}

/** The files of a run. */
export function runFiles(out: string) {
  return {
    checkpoint: `${out}/checkpoint.safetensors`,
    run: `${out}/run.json`,
    recipe: `${out}/recipe.json`,
    last: `${out}/last`,
    best: `${out}/best`,
    page: `${out}/report.html`,
    /** Its lock is inside the folder, since its parent need not be writable. */
    lock: `${out}/train`,
  };
}
