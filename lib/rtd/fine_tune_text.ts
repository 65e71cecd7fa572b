/** Fine-tuning of a copy of the text encoder with any loss, shared by RTD and naive fine-tuning. */
import type { Clip } from "../clip/files/model_folder.ts";
import { textShapes } from "../clip/model/shapes.ts";
import { cloneWeights, weight, type Weights } from "../tensors/weights.ts";
import { fit, type FitProgress, type FitResult, type FitTask, type RunControl } from "../training/fit.ts";
import { isTrainable, type TrainablePart } from "./recipe.ts";

/** State of a fine-tuning after a step. */
export interface FineTuningProgress extends Omit<FitProgress, "parameters"> {
  /** Weights of the text encoder after the step. They belong to the loop: do not dispose or keep them. */
  textWeights: Weights;
}

/** Options to observe, stop and resume a fine-tuning. */
export type FineTuningControl = RunControl<FineTuningProgress>;

/** Result of a fine-tuning. */
export interface FineTuned extends Omit<FitResult, "parameters"> {
  /** The fine-tuned text tower with its projection, all tensors; the caller disposes them. */
  textWeights: Weights;
}

/** Options of {@linkcode fineTuneText}: those of a fit whose initial parameters are the CLIP's own. */
export type FineTuningTask<State> = FineTuningControl & Omit<FitTask<State>, "initial" | "onStep"> & {
  /** The CLIP to start from; it is unchanged. */
  clip: Clip;
  /** Which parameters are trained; the others stay frozen. */
  trainable: TrainablePart;
};

/**
 * Fine-tunes a copy of the text tower and returns it; `clip` is unchanged. The source's losses receive the whole tower,
 * frozen parameters included.
 */
export async function fineTuneText<State>(task: FineTuningTask<State>): Promise<FineTuned> {
  const { clip, trainable, source, onStep, ...rest } = task;
  const frozenPart: Weights = {}, trainedPart: Weights = {};
  for (const name of Object.keys(textShapes(clip.config))) {
    const part = isTrainable(name, trainable, clip.config.text.layers) ? trainedPart : frozenPart;
    part[name] = weight(clip.weights, name);
  }
  const whole = (parameters: Weights): Weights => ({ ...frozenPart, ...parameters });
  const { parameters, losses, steps, devices } = await fit({
    ...rest,
    initial: () => cloneWeights(trainedPart),
    source: {
      ...source,
      async next() {
        const { loss, constants } = await source.next();
        return { loss: (parameters) => loss(whole(parameters)), constants };
      },
    },
    onStep: ({ parameters, ...progress }) => onStep?.({ ...progress, textWeights: whole(parameters) }),
  });
  return { textWeights: { ...cloneWeights(frozenPart), ...parameters }, losses, steps, devices };
}
