/**
 * How much memory a step of RTD needs at its highest point, said before anything is computed.
 *
 * Letters: B triplets, N pairs (B, or 2B with refined batches), P width of the embedding.
 */
import { processMemory } from "../backend/predicted_memory.ts";
import { type EncoderChoice, mostBuckets } from "../clip/batch_encoder.ts";
import { mostCached } from "../clip/frozen_text_features.ts";
import type { Clip, Towers } from "../clip/files/model_folder.ts";
import type { TokenBatch } from "../clip/model/tokenizer.ts";
import { predictPlainMemory } from "../clip/model/memory.ts";
import { textShapes, visionShapes } from "../clip/model/shapes.ts";
import { type PackedMemory, predictPackedMemory } from "../clip/packed/memory.ts";
import { packTexts } from "../clip/packed/packing.ts";
import { evenly } from "../io/evenly.ts";
import type { Triplet } from "../triplets/triplet.ts";
import { stepPairs } from "./pairs.ts";
import type { RtdRecipe } from "./recipe.ts";
import { gradientNames, trainedShapes } from "./trained_parameters.ts";
import { sortedTokens, typicalBatch } from "./typical_batch.ts";

/** What is known of a run before it begins. */
export interface StepMemoryOptions {
  /** The CLIP, or what `inspectClip` knows of it. */
  clip: Pick<Clip, "config" | "tokenizer">;
  /** Which of its towers are loaded (default both). */
  towers?: Towers;
  /** The projection; absent: not counted. */
  phi?: { weights: Record<string, { shape: readonly number[] }> };
  /** The recipe, whose batch, concatenation, anchor and trainable part count. */
  recipe: RtdRecipe;
  /**
   * Triplets of the run, for the lengths of their texts. At most 10,000 of them are read, at even distances; of a longer
   * list, so many chosen in that way are enough.
   */
  triplets: readonly Triplet[];
  /** All captions that are kept in the place of the targets: their lengths count, and their frozen features are kept. */
  keptCaptions?: readonly string[];
  /** How many triplets the run has, whose frozen features are kept (default: those of `triplets`). */
  count?: number;
  /** How texts are encoded (default "packed"). */
  encoder?: EncoderChoice;
  /** Whether the packed encoder computes activations again (default false). */
  recompute?: boolean;
  /** TensorFlow.js' backend that will compute: "tensorflow", "wasm" or "webgpu". */
  backend: string;
  /** Whether checkpoints are written, whose numbers pass through this process's own memory. */
  checkpoint?: boolean;
}

/** Bytes of a step at its highest point. */
export interface StepMemory {
  /** The frozen CLIP and phi. */
  frozen: number;
  /** The parameters that are trained, with their two moments. */
  trained: number;
  /** Gradients of parameters that are there at the highest point. */
  gradients: number;
  /** Activations that are kept for the gradient. */
  kept: number;
  /** What one layer, the loss or the optimizer works with. */
  working: number;
  /** The sum: all tensors, as TensorFlow.js counts them. On a GPU it is the GPU's memory. */
  tensors: number;
  /**
   * The whole process: the libraries, gaps in their memory, copies on the way to the device, frozen features. On WebGPU
   * the tensors are not in it.
   */
  process: number;
}

/**
 * Predicts the memory of a step from sizes and lengths alone, in a second at most. The lengths of a batch are taken to
 * be spread as those of the triplets that are read, the longest of these among them: a batch of longer texts needs more.
 *
 * @throws {Error} if there are no triplets, or a text cannot be tokenized
 * @example
 * ```ts
 * import { embeddedRecipe } from "@rtd/toolkit";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 * import { inspectClip } from "@rtd/toolkit/clip";
 * import { predictStepMemory } from "@rtd/toolkit/rtd";
 *
 * const clip = await inspectClip(embeddedModelFolder());
 * const triplets = [{ reference: "red apple", conditioning: "is green", target: "green apple" }];
 * const { tensors } = predictStepMemory({ clip, triplets, recipe: embeddedRecipe, backend: "wasm" });
 * console.log(`${Math.round(tensors / 1e6)} MB`);
 * ```
 */
export function predictStepMemory(options: StepMemoryOptions): StepMemory {
  return stepMemory(options)(options.recipe.batch);
}

/** Most triplets whose texts are tokenized. */
export const mostRead = 10_000;

/** How many of so many texts the frozen encoder's features are kept of. */
function cachedOf(texts: number): number {
  return texts > mostCached ? 0 : texts;
}

/** Items whose texts are tokenized. */
function evenlyRead<Item>(items: readonly Item[]): Item[] {
  return evenly(items.length, mostRead).map((at) => items[at]);
}

/** Predicts as {@linkcode predictStepMemory} for batches of any size; the texts are tokenized once. */
export function stepMemory(options: StepMemoryOptions): (batch: number) => StepMemory {
  const { clip: { config }, phi, recipe, towers = "both", backend, checkpoint = false } = options;
  const { triplets, count = triplets.length, keptCaptions } = options;
  const trainable = gradientNames(recipe, config.text.layers);
  const sizesOf = (shapes: Record<string, readonly number[]>) =>
    Object.entries(shapes).map(([name, shape]) => [name, 4 * product(shape)] as const);
  const text = sizesOf(textShapes(config)), trained = sizesOf(trainedShapes(recipe, config)).map(([, size]) => size);
  const others = [
    ...(towers === "text" ? [] : Object.values(visionShapes(config))),
    ...Object.values(phi?.weights ?? {}).map(({ shape }) => shape),
  ];
  const frozen = sum(text.map(([, size]) => size)) + sum(others.map((shape) => 4 * product(shape)));
  const all = sum(trained), wanted = sum(text.filter(([name]) => trainable(name)).map(([, size]) => size));
  const encoding = encodingMemory(options, trainable, wanted);
  // Weights that LoRA adapts are made for the step.
  const adapted = recipe.lora ? wanted : 0;
  // Natively a parameter is updated in place after one copy; elsewhere thirteen tensors of its size make the formula.
  const updating = { kept: 0, gradients: all, working: Math.max(...trained) * (backend === "tensorflow" ? 1 : 13) };
  return (batch) => {
    const most = [encoding(batch), updating].toSorted((a, b) => total(b) - total(a))[0];
    const highest = { ...most, working: most.working + adapted };
    const tensors = frozen + 3 * all + total(highest);
    return {
      frozen,
      trained: 3 * all,
      ...highest,
      tensors,
      process: processMemory(backend, {
        tensors,
        loaded: frozen,
        beside: 4 * config.projectionWidth * (cachedOf(2 * count) + cachedOf(keptCaptions?.length ?? 0)),
        saved: checkpoint ? 3 * all : 0,
        reusing: options.encoder !== "plain",
      }),
    };
  };
}

/** The highest point of encoding, the loss and the gradient, by the size of the batch. */
function encodingMemory(
  { clip: { config, tokenizer }, recipe, triplets, keptCaptions, encoder = "packed", recompute = false, backend }:
    StepMemoryOptions,
  trainable: (name: string) => boolean,
  all: number,
): (batch: number) => PackedMemory {
  const { anchor, keepCaptions } = recipe;
  const { composed, refined } = stepPairs(evenlyRead(triplets), recipe);
  const tokensOf = (texts: readonly string[]) => sortedTokens(texts, tokenizer);
  const queries = tokensOf(composed.queries), endings = refined && tokensOf(refined.queries);
  // Each is encoded by itself, as train.ts does it.
  const others = [
    ...(anchor ? [] : [composed.targets, ...(refined ? [refined.targets] : [])]),
    ...(keepCaptions === 0 ? [] : [keptCaptions ? evenlyRead(keptCaptions) : composed.targets]),
  ].map(tokensOf);
  const P = config.projectionWidth, most = mostBuckets(backend);
  return (B) => {
    const batchOf = (tokens: TokenBatch) => typicalBatch(tokens, B);
    const V = 2 * B * (refined ? 2 : 1), loss = 4 * (14 * V * V + 21 * V * P);
    const first = batchOf(queries), second = endings && batchOf(endings), rest = others.map(batchOf);
    if (encoder === "plain") {
      const batches = [first, ...(second ? [second] : []), ...rest];
      const share = recipe.trainable === "last block" ? 1 / config.text.layers : 1;
      // Gradients of several encodings are added, and none is freed.
      return {
        kept: predictPlainMemory(config.text, batches, share) + loss,
        gradients: (2 * batches.length - 1) * all,
        working: 0,
      };
    }
    const packings = [
      packTexts(first, { endings: second, mostBuckets: most }),
      ...rest.map((tokens) => packTexts(tokens, { mostBuckets: most })),
    ];
    const memory = predictPackedMemory({ config, packings, trainable, recompute, copying: backend === "wasm" });
    return { ...memory, working: memory.working + loss };
  };
}

function product(sides: readonly number[]): number {
  return sides.reduce((product, side) => product * side, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function total({ gradients, kept, working }: PackedMemory): number {
  return gradients + kept + working;
}
