/** Recipes: every choice of a run as one plain object, written beside its result. */
import { adamWDefaults, type AdamWOptions } from "../training/adamw.ts";
import type { Schedule } from "../training/schedule.ts";
import type { Concatenation } from "./concatenation.ts";

/** Which parameters of the text encoder move. */
export const trainableParts = ["all", "all but embeddings", "last block"] as const;
/** One of {@linkcode trainableParts}. */
export type TrainablePart = typeof trainableParts[number];

/** A run of RTD. */
export interface RtdRecipe {
  seed: number;
  steps: number;
  /** Triplets a step. */
  batch: number;
  temperature: number;
  /** Scale of the noise on the reference's embedding. */
  noise: number;
  /** RC: "phi". */
  concatenation: Concatenation;
  /** RB. */
  refinedBatches: boolean;
  /** Targets from the frozen encoder; without, the trainable encoder makes both sides. */
  anchor: boolean;
  trainable: TrainablePart;
  /**
   * Weight of `mean(1 - cos(E'(T_t), E(T_t)))` on the target captions: keeps plain image-text retrieval. Not in the
   * paper; 0 leaves it out.
   */
  keepCaptions: number;
  optimizer: AdamWOptions;
  schedule: Schedule;
}

/**
 * The published recipe for real CLIP models: AdamW 1e-5 constant, decay 0.01 on every parameter, 2000 steps of 128
 * triplets, seed 12345. (The released command names four devices and never synchronises them: it trains one replica.)
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
  keepCaptions: 0,
  optimizer: { ...adamWDefaults, learningRate: 1e-5 },
  schedule: { warmup: 0, shape: "constant" },
};

/** The recipe for the embedded model: a small encoder wants a larger rate and few steps. */
export const embeddedRecipe: RtdRecipe = {
  ...paperRecipe,
  steps: 200,
  optimizer: { ...adamWDefaults, learningRate: 3e-4 },
  schedule: { warmup: 20, shape: "constant" },
};

/**
 * A recipe with some choices changed.
 * @throws {Error} if `changes` has a key that is no choice of a recipe
 */
export function changeRecipe(recipe: RtdRecipe, changes: Partial<RtdRecipe>): RtdRecipe {
  for (const key of Object.keys(changes)) {
    if (!Object.hasOwn(recipe, key)) {
      throw new Error(`Changing a recipe failed: "${key}" is no choice; there are ${Object.keys(recipe).join(", ")}.`);
    }
  }
  return { ...recipe, ...changes };
}

/** Whether a parameter of the text tower moves. @param layers how many the tower has */
export function isTrainable(name: string, part: TrainablePart, layers: number): boolean {
  switch (part) {
    case "all":
      return true;
    case "all but embeddings":
      return !name.startsWith("text_model.embeddings.");
    case "last block":
      return name.startsWith(`text_model.encoder.layers.${layers - 1}.`) || name === "text_projection.weight" ||
        name.startsWith("text_model.final_layer_norm.");
  }
}
