/** Tunes a copy of the text encoder, whatever the loss; RTD and naive tuning share it. */
import type { Clip } from "../clip/model_folder.ts";
import { textShapes } from "../clip/shapes.ts";
import { cloneWeights, weight, type Weights } from "../clip/weights.ts";
import { type Fit, fit, type FitProgress, type FitResult, type RunControl } from "../training/fit.ts";
import { isTrainable, type TrainablePart } from "./recipe.ts";

/** Where a run is after a step. */
export interface TuningProgress extends Omit<FitProgress, "parameters"> {
  /** The text encoder as it is now; the loop's, not to be disposed or kept. */
  textWeights: Weights;
}

/** How a run is watched, stopped and resumed. */
export type TuningRun = RunControl<TuningProgress>;

/** What came out. */
export interface Tuned extends Omit<FitResult, "parameters"> {
  /** The tuned text tower with its projection, all tensors; the caller's to dispose. */
  textWeights: Weights;
}

/**
 * Runs the loop on the parts of the text tower that may move; the loss is handed the whole tower.
 * @returns the tuned tower, all tensors; the caller's to dispose
 */
export async function tuneText(
  clip: Clip,
  trainable: TrainablePart,
  { begin, ...task }: Omit<Fit, "initial">,
  { onStep, ...control }: TuningRun,
): Promise<Tuned> {
  const still: Weights = {}, moving: Weights = {};
  for (const name of Object.keys(textShapes(clip.config))) {
    const group = isTrainable(name, trainable, clip.config.text.layers) ? moving : still;
    group[name] = weight(clip.weights, name);
  }
  const whole = (parameters: Weights): Weights => ({ ...still, ...parameters });
  const { parameters, losses, steps } = await fit(
    {
      ...task,
      initial: () => cloneWeights(moving),
      begin(saved) {
        const source = begin(saved);
        return {
          ...source,
          async next() {
            const { loss, constants } = await source.next();
            return { loss: (parameters) => loss(whole(parameters)), constants };
          },
        };
      },
    },
    {
      ...control,
      onStep: ({ parameters, ...progress }) => onStep?.({ ...progress, textWeights: whole(parameters) }),
    },
  );
  return { textWeights: { ...cloneWeights(still), ...parameters }, losses, steps };
}
