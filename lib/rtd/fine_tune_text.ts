/** Fine-tuning of a copy of the text encoder with any loss, shared by RTD and naive fine-tuning. */
import { batchEncoder, type EncodeBatch, type EncoderChoice } from "../clip/batch_encoder.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type * as tf from "../tensors/tf.ts";
import { cloneWeights, disposeWeights, type Weights } from "../tensors/weights.ts";
import { fit, type FitProgress, type FitResult, type FitTask, type RunControl } from "../training/fit.ts";
import type { StepSource } from "../training/step_source.ts";
import { type TrainedChoice, trainedParameters } from "./trained_parameters.ts";

/** State of a fine-tuning after a step. */
export interface FineTuningProgress extends Omit<FitProgress, "parameters"> {
  /** Weights of the text encoder after the step. They belong to the loop: do not dispose or keep them. */
  textWeights: Weights;
}

/** Options to observe, stop and resume a fine-tuning. */
export interface FineTuningControl extends RunControl<FineTuningProgress> {
  /** How texts are encoded (default "packed"); it changes the last bits alone, and is recorded with the devices. */
  encoder?: EncoderChoice;
  /**
   * Whether the packed encoder keeps each layer's input alone and computes the rest again for the gradient: less memory,
   * more time, the same numbers (default false).
   */
  recompute?: boolean;
}

/** Result of a fine-tuning. */
export interface FineTuned extends Omit<FitResult, "parameters"> {
  /** The fine-tuned text tower with its projection, all tensors; the caller disposes them. */
  textWeights: Weights;
}

/** One step of a fine-tuning. */
export interface FineTuningStep {
  /** The loss as a function of the encoder that is trained; everything else that it reads is constant. */
  loss: (encode: EncodeBatch) => tf.Scalar;
  /** Tensors of this step alone; the loop disposes them after the step. */
  constants: tf.Tensor[];
}

/** Options of {@linkcode fineTuneText}: those of a fit whose initial parameters are the CLIP's own. */
export type FineTuningTask<State> = FineTuningControl & Omit<FitTask<State>, "initial" | "onStep" | "source"> & {
  /** Draws the steps. */
  source: Omit<StepSource<State>, "next"> & { next(): Promise<FineTuningStep> };
  /** The CLIP to start from; it is unchanged. */
  clip: Clip;
  /** What is trained; all else stays frozen. */
  trained: TrainedChoice;
};

/** Fine-tunes a copy of the text tower and returns it; `clip` is unchanged. */
export async function fineTuneText<State>(task: FineTuningTask<State>): Promise<FineTuned> {
  const { clip, trained, source, onStep, encoder = "packed", recompute = false, ...rest } = task;
  const { hasGradient, initial, tower } = trainedParameters(clip, trained);
  // Weights that were computed from the parameters, such as those that LoRA adapts: the gradient reads them too.
  const made: Weights[] = [];
  const freeMade = () => made.splice(0).forEach(disposeWeights);
  try {
    const { parameters, losses, steps, devices } = await fit({
      ...rest,
      variant: `${encoder} encoder`,
      initial,
      source: {
        ...source,
        async next() {
          freeMade();
          const { loss, constants } = await source.next();
          // Phi is frozen in every fine-tuning, so its pseudo-tokens are constants.
          const options = { encoder, trainable: hasGradient, ofPseudoTokens: false, recompute };
          const encodeWith = (weights: Weights) => batchEncoder(weights, clip.config.text, options);
          return { loss: (parameters) => loss(encodeWith(tower(parameters, made))), constants };
        },
      },
      onStep({ parameters, ...progress }) {
        freeMade(); // those before the update
        return onStep?.({ ...progress, textWeights: tower(parameters, made) });
      },
    });
    const textWeights = cloneWeights(tower(parameters, made));
    disposeWeights(parameters);
    return { textWeights, losses, steps, devices };
  } finally {
    freeMade();
  }
}
