/** Trains the phi of a base method on captions or on image features, with validation on held-out items. */
import type { Clip } from "../clip/files/model_folder.ts";
import type * as tf from "../tensors/tf.ts";
import { type EpochState, listSampler } from "../training/epoch_sampler.ts";
import type { FitProgress, RunControl } from "../training/fit.ts";
import type { MakeSampler } from "../training/sampler.ts";
import { isDue } from "../training/validation_steps.ts";
import type { TrainedPhi } from "./fit_phi.ts";
import { type LincirRecipe, type MaskedCaption, trainLincir } from "./lincir/lincir.ts";
import { type Pic2wordRecipe, trainPic2word } from "./pic2word/pic2word.ts";
import { type SearleImages, type SearleRecipe, trainSearle } from "./searle/searle.ts";
import { selfRetrieval } from "./self_retrieval.ts";

/** Training data and recipe for LinCIR's phi. */
export interface LincirTask<State> {
  /** Selects LinCIR. */
  method: "LinCIR";
  /** Masked captions, or a function that starts a sampler of them. A list is sampled by `listSampler`. */
  captions: readonly MaskedCaption[] | MakeSampler<MaskedCaption, State>;
  /** The recipe. */
  recipe: LincirRecipe;
}

/** Training data and recipe for Pic2Word's phi. */
export interface Pic2wordTask {
  /** Selects Pic2Word. */
  method: "Pic2Word";
  /** `[N, P]`, un-normalised image features; the caller keeps and disposes it. */
  features: tf.Tensor2D;
  /** The recipe. */
  recipe: Pic2wordRecipe;
}

/** Training data and recipe for SEARLE's phi. */
export interface SearleTask extends SearleImages {
  /** Selects SEARLE. */
  method: "SEARLE";
  /** The recipe. */
  recipe: SearleRecipe;
}

/** Result of a validation: self-retrieval of held-out items by their pseudo-tokens. */
export interface PhiValidation {
  /** Steps done. */
  step: number;
  /** Number of held-out items. */
  heldOut: number;
  /** Share of the held-out items that the query "a photo of [$]" ranks first among all of them, percent. */
  "R@1": number;
}

/** State of the training of a phi after a step. */
export interface PhiProgress extends FitProgress {
  /** The latest validation, if there was one. */
  validation?: PhiValidation;
}

/** Options of {@linkcode trainPhi}. */
export type TrainPhiOptions<State> =
  & Omit<RunControl<PhiProgress>, "records">
  & (LincirTask<State> | Pic2wordTask | SearleTask)
  & {
    /** The frozen CLIP. */
    clip: Clip;
    /** Description of the training data, stored in the phi's provenance. */
    data: string;
    /** `[H, P]`, un-normalised features of items that are not trained on; absent: no validation. */
    heldOut?: tf.Tensor2D;
  };

/** A trained phi with its validations. */
export interface ValidatedPhi extends TrainedPhi {
  /** Validations by step, those before a resume included. */
  validation: PhiValidation[];
}

/**
 * Trains a base method's phi and returns it; CLIP stays frozen. Held-out items are validated at step 50, ten times over
 * the run, and at its end.
 *
 * @throws {Error} if there is too little data, the loss is not finite, or the checkpoint is of another run or other
 *   data
 * @example
 * ```ts
 * import { applyPhi, disposeWeights, loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 * import { embeddedPhiRecipes, trainPhi } from "@rtd/toolkit/projection";
 *
 * await useDevice("wasm");
 * const { clip } = await loadEmbeddedModel();
 * const captions = [
 *   { caption: "red apple", masked: "[$]" },
 *   { caption: "woman running", masked: "[$] running" },
 * ];
 * const recipe = { ...embeddedPhiRecipes.LinCIR, steps: 2, batch: 2 };
 * const { phi, losses } = await trainPhi({ clip, method: "LinCIR", captions, recipe, data: "two captions" });
 * console.log(phi.hash, losses);
 * disposeWeights(phi.weights);
 * ```
 */
export async function trainPhi<State>(options: TrainPhiOptions<State>): Promise<ValidatedPhi> {
  const { clip, data, heldOut, onStep, signal, checkpoint, saveEvery, resume, recipe } = options;
  const validation: PhiValidation[] = [];
  const every = Math.max(1, Math.ceil(recipe.steps / 10));
  const control: RunControl = {
    signal,
    checkpoint,
    saveEvery,
    resume,
    records: validation,
    async onStep(progress) {
      const { step, parameters: weights } = progress, count = heldOut?.shape[0] ?? 0;
      if (heldOut && count > 1 && isDue(step, { steps: recipe.steps, every })) {
        const phi = { weights, input: recipe.input };
        validation.push({ step, heldOut: count, "R@1": await selfRetrieval(clip, phi, heldOut) });
      }
      await onStep?.({ ...progress, validation: validation.at(-1) });
    },
  };
  return { ...await train(options, clip, data, control), validation };
}

async function train<State>(
  task: LincirTask<State> | Pic2wordTask | SearleTask,
  clip: Clip,
  data: string,
  control: RunControl,
): Promise<TrainedPhi> {
  switch (task.method) {
    case "LinCIR": {
      const { captions } = task;
      return typeof captions === "function"
        ? await trainLincir(clip, captions, task.recipe, data, control)
        : await trainLincir<EpochState>(
          clip,
          listSampler(captions, { incomplete: task.recipe.incompleteBatch }),
          task.recipe,
          data,
          control,
        );
    }
    case "Pic2Word":
      return await trainPic2word(clip, task.features, task.recipe, data, control);
    case "SEARLE":
      return await trainSearle(clip, task, task.recipe, data, control);
  }
}
