/**
 * RTD, with one file for each idea of the paper. A reading order: `pairs.ts` (refined batch sampling),
 * `concatenation.ts` (refined concatenation), `loss.ts`, `train.ts`, `recipe.ts`; `naive_fine_tuning.ts` is the paper's
 * baseline.
 *
 * @module
 */
export { averageWeights } from "./average_weights.ts";
export { type ComponentVariant, componentVariants } from "./components.ts";
export { type Concatenation, concatenations, noisyPseudoTokens } from "./concatenation.ts";
export type { FineTuned, FineTuningControl, FineTuningProgress } from "./fine_tune_text.ts";
export { type KeptCaptions, keptCaptionsOf, readKeptCaptions } from "./kept_captions.ts";
export { rtdLoss } from "./loss.ts";
export { fineTuneNaively, type NaiveFineTuningOptions, type NaiveRecipe } from "./naive_fine_tuning.ts";
export { type LoraChoice, loraMatrices } from "./lora.ts";
export { type PairGroup, type StepPairs, stepPairs } from "./pairs.ts";
export {
  changeRecipe,
  embeddedRecipe,
  paperRecipe,
  recommendedChanges,
  type RtdRecipe,
  type TrainablePart,
  trainableParts,
} from "./recipe.ts";
export { type FineTunedModel, saveFineTuned } from "./save_fine_tuned.ts";
export { describeStepMemory, requireStepMemory } from "./check_memory.ts";
export { largestBatch, type LargestBatchOptions } from "./largest_batch.ts";
export { predictStepMemory, type StepMemory, type StepMemoryOptions } from "./step_memory.ts";
export { trainRtd, type TrainRtdOptions } from "./train.ts";
export { trainedCount } from "./trained_parameters.ts";
