/** What a recipe trains: parts of the text tower itself, or low-rank matrices beside it. */
import { textShapes } from "../clip/model/shapes.ts";
import type { ClipConfig } from "../clip/model/config.ts";
import { random } from "../tensors/random.ts";
import { cloneWeights, weight, type Weights } from "../tensors/weights.ts";
import { adaptedNames, adaptedWeights, initialLora, loraShapes } from "./lora.ts";
import { isTrainable, type RtdRecipe } from "./recipe.ts";

/** The choices of a recipe that say what is trained. */
export type TrainedChoice = Pick<RtdRecipe, "trainable"> & Partial<Pick<RtdRecipe, "lora" | "seed">>;

/** What is trained, and how the text tower follows from it. */
export interface TrainedParameters {
  /** Whether the encoder needs the gradient of a weight of the tower. */
  hasGradient: (name: string) => boolean;
  /** Makes the initial parameters, the caller's to dispose. */
  initial(): Weights;
  /**
   * Returns the text tower's weights for some parameters: those that are frozen, which belong to the CLIP, the parameters
   * themselves, and what was computed from them.
   *
   * @param made receives what was computed, which the caller disposes
   */
  tower(parameters: Weights, made: Weights[]): Weights;
}

/** Splits a text tower. @param weights of the CLIP, which keeps them */
export function trainedParameters(
  { weights, config }: { weights: Weights; config: ClipConfig },
  choice: TrainedChoice,
): TrainedParameters {
  const { trainable, lora, seed = 0 } = choice, { layers } = config.text, hasGradient = gradientNames(choice, layers);
  const own: Weights = {}, trained: Weights = {};
  for (const name of Object.keys(textShapes(config))) {
    const part = !lora && isTrainable(name, trainable, layers) ? trained : own;
    part[name] = weight(weights, name);
  }
  if (!lora) {
    return {
      hasGradient,
      initial: () => cloneWeights(trained),
      tower: (parameters) => ({ ...own, ...parameters }),
    };
  }
  return {
    hasGradient,
    // Another seed than that of noise and order, which would else begin with the same numbers.
    initial: () => initialLora(lora, config, random(seed + 1)),
    tower(parameters, made) {
      const adapted = adaptedWeights(own, parameters, lora, layers);
      made.push(adapted);
      return { ...own, ...adapted };
    },
  };
}

/** Returns whether a weight of the tower needs a gradient. @param layers number of the tower's layers */
export function gradientNames({ trainable, lora }: TrainedChoice, layers: number): (name: string) => boolean {
  if (!lora) return (name) => isTrainable(name, trainable, layers);
  const adapted = new Set(adaptedNames(lora, layers));
  return (name) => adapted.has(name);
}

/** Returns the shapes of the tensors that the optimizer changes, by name. */
export function trainedShapes(
  choice: TrainedChoice,
  config: Pick<ClipConfig, "text" | "projectionWidth">,
): Record<string, number[]> {
  if (choice.lora) return loraShapes(choice.lora, config);
  return Object.fromEntries(
    Object.entries(textShapes(config)).filter(([name]) => isTrainable(name, choice.trainable, config.text.layers)),
  );
}

/**
 * Returns the number of parameters that a recipe trains.
 *
 * @example
 * ```ts
 * import { changeRecipe, paperRecipe } from "@rtd/toolkit";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 * import { inspectClip } from "@rtd/toolkit/clip";
 * import { trainedCount } from "@rtd/toolkit/rtd";
 * import { assert } from "@std/assert";
 *
 * const { config } = await inspectClip(embeddedModelFolder());
 * const lora = { rank: 4, alpha: 4, matrices: "qv" } as const;
 * assert(trainedCount(changeRecipe(paperRecipe, { lora }), config) < trainedCount(paperRecipe, config) / 50);
 * ```
 */
export function trainedCount(
  choice: Pick<RtdRecipe, "trainable" | "lora">,
  config: Pick<ClipConfig, "text" | "projectionWidth">,
): number {
  return Object.values(trainedShapes(choice, config))
    .reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
}
