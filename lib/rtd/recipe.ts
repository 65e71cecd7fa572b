/** Recipes of RTD: every choice of a run as one plain object, which is stored with its result. */
import { isObject } from "../io/json_values.ts";
import { shown } from "../io/shown.ts";
import { adamWDefaults, type AdamWOptions } from "../training/adamw.ts";
import type { Schedule } from "../training/schedule.ts";
import { type Concatenation, concatenations } from "./concatenation.ts";
import { type LoraChoice, loraMatrices } from "./lora.ts";

/** The choices of {@linkcode TrainablePart}. */
export const trainableParts = ["all", "all but embeddings", "last block", "layer norms and biases"] as const;
/**
 * Which parameters of the text encoder are trained; "last block" includes the final normalisation and the projection,
 * "layer norms and biases" no matrix at all.
 */
export type TrainablePart = typeof trainableParts[number];

/** A recipe of RTD: every choice of a run. */
export interface RtdRecipe {
  /** Seed of sampling and noise, an integer from 0; 12345 in the paper. */
  seed: number;
  /** Optimizer steps; 2000 in the paper. */
  steps: number;
  /** Triplets a step; 128 in the paper. */
  batch: number;
  /** Temperature of the loss, above 0; 0.07 in the paper. */
  temperature: number;
  /** Scale of the noise on the embedding of the reference caption, from 0; 0.5 in the paper. */
  noise: number;
  /** How reference and conditioning text are concatenated; "phi" is refined concatenation (RC). */
  concatenation: Concatenation;
  /** Whether each triplet also adds the pair ("a photo of [$]", reference caption): refined batch sampling (RB). */
  refinedBatches: boolean;
  /** Whether targets come from the frozen encoder; otherwise the trainable encoder computes both sides. */
  anchor: boolean;
  /** Which parameters of the text encoder are trained. */
  trainable: TrainablePart;
  /**
   * Low-rank matrices that are trained instead, the whole encoder being frozen (LoRA); they are merged into it at the
   * end. It is not in the paper; null, the default, is none.
   */
  lora: LoraChoice | null;
  /**
   * Weight of the additional loss `mean(1 - cos(E'(T), E(T)))` on captions `T`, which preserves plain image-text
   * retrieval: the target captions of the step, or those that `trainRtd` is given as `keptCaptions`. It is not in the
   * paper; 0 leaves it out.
   */
  keepCaptions: number;
  /** AdamW's settings. */
  optimizer: AdamWOptions;
  /** The learning-rate schedule. */
  schedule: Schedule;
}

/**
 * The published recipe for real CLIP models: AdamW with a constant learning rate of 1e-5 and weight decay 0.01 on every
 * parameter, 2000 steps of 128 triplets, seed 12345. (The released command names four devices but never synchronises
 * them, so it trains one replica with this batch.)
 */
export const paperRecipe: RtdRecipe = {
  seed: 12345,
  steps: 2000,
  batch: 128,
  temperature: 0.07,
  noise: 0.5,
  concatenation: "phi",
  refinedBatches: true,
  anchor: true,
  trainable: "all",
  lora: null,
  keepCaptions: 0,
  optimizer: { ...adamWDefaults, learningRate: 1e-5 },
  schedule: { warmup: 0, shape: "constant" },
};

/** The recipe for the embedded models: a larger learning rate and few steps for a small encoder. */
export const embeddedRecipe: RtdRecipe = {
  ...paperRecipe,
  steps: 200,
  optimizer: { ...adamWDefaults, learningRate: 3e-4 },
  schedule: { warmup: 20, shape: "constant" },
};

/**
 * Returns what to change of a recipe for an encoder that composes better and keeps plain retrieval: a larger learning
 * rate, and an anchor on captions of all kinds that are at hand, whether a triplet has them or not, which `trainRtd` takes
 * as its `keptCaptions`. Both were chosen on validation parts of the embedded benchmarks (docs/findings.md). It is not in
 * the paper, and has not been tried on photographs.
 *
 * @example
 * ```ts
 * import { changeRecipe, embeddedRecipe } from "@rtd/toolkit";
 * import { recommendedChanges } from "@rtd/toolkit/rtd";
 *
 * const recipe = changeRecipe(embeddedRecipe, recommendedChanges(embeddedRecipe));
 * console.log(recipe.keepCaptions, recipe.optimizer.learningRate);
 * ```
 */
export function recommendedChanges({ optimizer }: RtdRecipe): Pick<RtdRecipe, "keepCaptions" | "optimizer"> {
  return { keepCaptions: 100, optimizer: { ...optimizer, learningRate: 3 * optimizer.learningRate } };
}

/**
 * Returns a copy of a recipe with some choices changed; `recipe` is unchanged. What `lora` leaves out is filled in.
 *
 * @throws {Error} if `changes` has an unknown key or a value out of range
 * @example
 * ```ts
 * import { changeRecipe, paperRecipe } from "@rtd/toolkit";
 * import { assertThrows } from "@std/assert";
 *
 * const recipe = changeRecipe(paperRecipe, { steps: 500, noise: 0.3 });
 * console.log(recipe.steps, recipe.batch);
 * const zero = () => changeRecipe(paperRecipe, { temperature: 0 });
 * assertThrows(zero, Error, "temperature is 0, expected a number above 0");
 * ```
 */
export function changeRecipe(recipe: RtdRecipe, changes: Partial<RtdRecipe>): RtdRecipe {
  requireKnown(changes, recipe);
  const changed = { ...recipe, ...changes }, { optimizer, schedule } = changed;
  for (const name of ["optimizer", "schedule"] as const) {
    if (!isObject(changed[name])) {
      throw new Error(`Changing a recipe failed: ${name} is ${shown(changed[name])}, expected an object.`);
    }
    requireKnown(changed[name], recipe[name], `${name}.`);
  }
  const refuse = (name: string, value: unknown, good: boolean, expected: string) => {
    if (!good) throw new Error(`Changing a recipe failed: ${name} is ${value}, expected ${expected}.`);
  };
  const expect = (name: keyof RtdRecipe, good: boolean, expected: string) =>
    refuse(name, changed[name], good, expected);
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  expect("seed", whole(changed.seed, 0), "a whole number from 0");
  expect("steps", whole(changed.steps, 1), "a whole number from 1");
  expect("batch", whole(changed.batch, 1), "a whole number from 1");
  expect("temperature", Number.isFinite(changed.temperature) && changed.temperature > 0, "a number above 0");
  expect("noise", Number.isFinite(changed.noise) && changed.noise >= 0, "a number from 0");
  expect("keepCaptions", Number.isFinite(changed.keepCaptions) && changed.keepCaptions >= 0, "a number from 0");
  expect("concatenation", concatenations.includes(changed.concatenation), `one of ${concatenations.join(", ")}`);
  for (const name of ["refinedBatches", "anchor"] as const) {
    expect(name, typeof changed[name] === "boolean", "true or false");
  }
  for (const name of ["learningRate", "weightDecay"] as const) {
    refuse(`optimizer.${name}`, optimizer[name], atLeast(optimizer[name], 0), "a number from 0");
  }
  for (const name of ["beta1", "beta2"] as const) {
    const value = optimizer[name];
    refuse(`optimizer.${name}`, value, atLeast(value, 0) && value < 1, "a number from 0 to below 1");
  }
  refuse("optimizer.epsilon", optimizer.epsilon, atLeast(optimizer.epsilon, 0), "a number from 0");
  refuse("schedule.warmup", schedule.warmup, whole(schedule.warmup, 0), "a whole number from 0");
  refuse("schedule.shape", schedule.shape, ["constant", "cosine"].includes(schedule.shape), "one of constant, cosine");
  expect("trainable", trainableParts.includes(changed.trainable), `one of ${trainableParts.join(", ")}`);
  if (changed.lora === null) return changed;
  refuse("lora", shown(changed.lora), isObject(changed.lora), "an object, or null");
  const given: Partial<LoraChoice> = changed.lora, { rank = 4, alpha = rank, matrices = "qv" } = given;
  const lora: LoraChoice = { rank, alpha, matrices };
  requireKnown(given, lora, "lora.");
  refuse("lora.rank", lora.rank, whole(lora.rank, 1), "a whole number from 1");
  refuse("lora.alpha", lora.alpha, Number.isFinite(lora.alpha) && lora.alpha > 0, "a number above 0");
  refuse("lora.matrices", lora.matrices, loraMatrices.includes(lora.matrices), `one of ${loraMatrices.join(", ")}`);
  expect("trainable", changed.trainable === "all", "all, since lora freezes the encoder itself");
  return { ...changed, lora };
}

function atLeast(value: number, least: number): boolean {
  return Number.isFinite(value) && value >= least;
}

/** @param prefix of the keys in the message */
function requireKnown(given: object, known: object, prefix = ""): void {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (unknown === undefined) return;
  const names = Object.keys(known).map((key) => prefix + key).join(", ");
  throw new Error(`Changing a recipe failed: "${prefix}${unknown}" is no choice; there are ${names}.`);
}

/** Returns whether a parameter of the text tower is trained. @param layers number of the tower's layers */
export function isTrainable(name: string, part: TrainablePart, layers: number): boolean {
  switch (part) {
    case "all":
      return true;
    case "all but embeddings":
      return !name.startsWith("text_model.embeddings.");
    case "last block":
      return name.startsWith(`text_model.encoder.layers.${layers - 1}.`) || name === "text_projection.weight" ||
        name.startsWith("text_model.final_layer_norm.");
    case "layer norms and biases":
      return name.endsWith(".bias") || /layer_norm\d?\.weight$/.test(name);
  }
}
