/**
 * The training loop with its optimizer, schedules, checkpoints, samplers, losses and the seeded random generator.
 *
 * @module
 */
export {
  adamWDefaults,
  type AdamWOptions,
  type AdamWState,
  adamWState,
  adamWStep,
  type AdamWStepOptions,
} from "./adamw.ts";
export { type Checkpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
export { type EpochOptions, epochSampler, type EpochState, listSampler } from "./epoch_sampler.ts";
export { fit, type FitOptions, type FitProgress, type FitResult, type FitTask, type RunControl } from "./fit.ts";
export type { MakeSampler, Sampler } from "./sampler.ts";
export type { Schedule } from "./schedule.ts";
export type { StepSource, TrainingStep } from "./step_source.ts";
export { clipLoss, cosineLoss, normaliseRows, ntXentLoss } from "../tensors/contrastive_losses.ts";
export { clipGradientNorm, valueAndGradients } from "../tensors/gradients.ts";
export { type Random, random, type RandomState } from "../tensors/random.ts";
export { disposeWeights, type Weights } from "../tensors/weights.ts";
