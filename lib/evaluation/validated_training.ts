/** RTD's training with validation: figures before the first step and on the way, and the best encoder kept. */
import { lockFile } from "../io/file_lock.ts";
import { isObject } from "../io/json_values.ts";
import type { OnProgress } from "../io/on_progress.ts";
import type { Path } from "../io/path.ts";
import { keepBest, writeCandidate } from "../rtd/best_encoder.ts";
import type { FineTuned, FineTuningProgress } from "../rtd/fine_tune_text.ts";
import { paperRecipe } from "../rtd/recipe.ts";
import type { FineTunedModel } from "../rtd/save_fine_tuned.ts";
import { trainRtd, type TrainRtdOptions } from "../rtd/train.ts";
import { allFinite, type Weights } from "../tensors/weights.ts";
import { inspectCheckpoint } from "../training/checkpoint.ts";
import { isDue } from "../training/validation_steps.ts";
import type { Metrics } from "./metrics.ts";

/** One validation. */
export interface Validation {
  /** Steps done; 0 is the frozen encoder. */
  step: number;
  /** Figures by name, percent. */
  metrics: Metrics;
}

/** What is validated, when, and where the best encoder goes. */
export interface ValidationPlan {
  /**
   * Computes the figures of a text encoder, such as `validate` of `openValidator`.
   *
   * @param textWeights belong to the training: do not dispose or keep them
   */
  validate(textWeights: Weights, onProgress?: OnProgress): Promise<Metrics>;
  /** Steps between validations, from 1; one more is at step 50, as published, and one at the last step. */
  every: number;
  /** The figure by which an encoder is better; it must be strictly larger. */
  bestBy: string;
  /** Folder of the best encoder; it is the run's own, as its checkpoint is. */
  folder: Path;
  /** What the model card says of the data, of the device, and of the figures' names. */
  card: Pick<FineTunedModel, "data" | "device"> & { nameOf: (metric: string) => string };
  /** Called during each validation. */
  onProgress?: OnProgress;
  /** Called after each validation, with the seconds that it took. */
  onValidation?: (validation: Validation, seconds: number) => Promise<void> | void;
}

/** State of a training with validation after a step. */
export interface ValidatedProgress extends FineTuningProgress {
  /** The validation of this step, if there was one. */
  validation?: Validation;
}

/** Options of {@linkcode trainValidated}: a checkpoint must be named. */
export type ValidatedTrainingOptions<State> = Omit<TrainRtdOptions<State>, "onStep" | "records" | "checkpoint"> & {
  /** File of the checkpoint; it holds the validations too. */
  checkpoint: Path;
  /** The validation; absent: none. */
  plan?: ValidationPlan;
  /** Called after every step and its validation. */
  onStep?: (progress: ValidatedProgress) => Promise<void> | void;
};

/** Result of a training with validation. */
export interface ValidatedTraining extends FineTuned {
  /** All validations by step, those before a resume included. */
  validations: Validation[];
  /** The best after step 0; absent if there was none. */
  best?: Validation;
}

/** Returns the first of the validations after step 0 with the largest value of a figure. */
function bestOf(validations: readonly Validation[], metric: string): Validation | undefined {
  return validations.filter(({ step }) => step > 0).reduce<Validation | undefined>(
    (best, one) => best === undefined || one.metrics[metric] > best.metrics[metric] ? one : best,
    undefined,
  );
}

/**
 * Trains as {@linkcode trainRtd}, validates before step 1, at step 50, every so many steps and at the last, and keeps the
 * encoder with the best figure. Validations are kept in the checkpoint, which is written right after each of them:
 * killed at any moment and resumed, the run ends with the same weights, figures and best encoder. It is also written
 * before a step that a validation follows, so that a run that is stopped in a validation repeats one step.
 *
 * @throws {Error} as `trainRtd` and `validate` do; if another process uses the folder, the figure that decides is not
 *   among those of a validation, or the disk refuses the best encoder; the one before is untouched
 * @example
 * ```ts
 * import { changeRecipe, disposeWeights, embeddedRecipe, loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 * import { trainValidated } from "@rtd/toolkit/evaluation";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const triplets = [
 *   { reference: "red apple", conditioning: "is green", target: "green apple" },
 *   { reference: "woman running", conditioning: "is a man", target: "man running" },
 * ];
 * const folder = await Deno.makeTempDir();
 * const { textWeights, validations } = await trainValidated({
 *   ...{ clip, phi, triplets, recipe: changeRecipe(embeddedRecipe, { steps: 2, batch: 2 }) },
 *   checkpoint: `${folder}/checkpoint.safetensors`,
 *   plan: {
 *     // In practice the `validate` of `openValidator`.
 *     validate: (weights) => Promise.resolve({ "R@1": weights === clip.weights ? 20 : 30 }),
 *     ...{ every: 100, bestBy: "R@1", folder: `${folder}/best` },
 *     card: { data: "two triplets", device: "wasm", nameOf: (metric) => metric },
 *   },
 * });
 * assertEquals(validations.map(({ step, metrics }) => [step, metrics["R@1"]]), [[0, 20], [2, 30]]);
 * disposeWeights(textWeights);
 * ```
 */
export async function trainValidated<State>(
  { plan, onStep, ...options }: ValidatedTrainingOptions<State>,
): Promise<ValidatedTraining> {
  if (!plan) return { ...await trainRtd({ ...options, onStep }), validations: [] };
  const { clip, phi, recipe = paperRecipe, checkpoint, resume } = options, { every, bestBy, folder, card } = plan;
  const due = (step: number) => isDue(step, { steps: recipe.steps, every });
  const validations: Validation[] = [];
  using _lock = await lockFile(folder, "Training RTD");

  async function validate(step: number, textWeights: Weights): Promise<Validation> {
    if (!await allFinite(textWeights)) {
      throw new Error(
        `Validating at step ${step} failed: the step made weights that are not finite; lower the learning rate.`,
      );
    }
    const started = performance.now(), metrics = await plan!.validate(textWeights, plan!.onProgress);
    const validation = { step, metrics };
    requireFigure(validation, bestBy);
    validations.push(validation);
    await plan!.onValidation?.(validation, (performance.now() - started) / 1000);
    return validation;
  }

  if (!resume) await validate(0, clip.weights);
  const earlier = resume ? validationsOf(inspectCheckpoint(checkpoint).records, bestBy) : [];
  // What an earlier run left goes only now, when everything that the new one needs has worked once.
  await keepBest(folder, bestOf(earlier, bestBy)?.step);
  /** The step of a better encoder that waits for its checkpoint. */
  let waiting: number | undefined;
  const settle = async () => {
    if (waiting !== undefined) await keepBest(folder, waiting);
    waiting = undefined;
  };
  /** When the step after a better encoder failed: that encoder is finished if the checkpoint names it. */
  const settleNamed = async () => {
    if (waiting !== undefined && namedBy(checkpoint, bestBy) === waiting) await settle();
  };
  const trained = await trainRtd({
    ...options,
    records: validations,
    async onStep(progress) {
      await settle();
      const { step, textWeights } = progress;
      const validation = due(step) ? await validate(step, textWeights) : undefined;
      if (validation && bestOf(validations, bestBy) === validation) {
        const metrics = Object.entries(validation.metrics).map(([name, value]) => [card.nameOf(name), value]);
        await writeCandidate(folder, {
          clip,
          phi,
          textWeights,
          recipe,
          step,
          data: card.data,
          device: card.device,
          metrics: Object.fromEntries(metrics),
        });
        waiting = step;
      }
      await onStep?.({ ...progress, validation });
      return due(step) || due(step + 1);
    },
  }).catch(async (error) => {
    await settleNamed().catch(() => {});
    throw error;
  });
  await settle();
  return { ...trained, validations, best: bestOf(validations, bestBy) };
}

/** The step of the best encoder by a checkpoint. */
function namedBy(checkpoint: Path, bestBy: string): number | undefined {
  return bestOf(validationsOf(inspectCheckpoint(checkpoint).records, bestBy), bestBy)?.step;
}

/** The validations that a checkpoint holds. @throws {Error} if they are of another kind, or lack a figure */
function validationsOf(records: readonly unknown[], bestBy: string): Validation[] {
  return records.map((record) => {
    if (!isValidation(record)) {
      throw new Error(
        "Resuming failed: the checkpoint holds records that are no validations; start anew without resume.",
      );
    }
    requireFigure(record, bestBy);
    return record;
  });
}

function isValidation(value: unknown): value is Validation {
  return isObject(value) && typeof value.step === "number" && isObject(value.metrics);
}

/** @throws {Error} if a validation lacks the figure by which encoders are compared */
function requireFigure({ step, metrics }: Validation, bestBy: string): void {
  if (typeof metrics[bestBy] === "number") return;
  throw new Error(
    `Choosing the best encoder failed: the validation of step ${step} has no figure "${bestBy}"; there are ` +
      `${Object.keys(metrics).join(", ") || "none"}.`,
  );
}
