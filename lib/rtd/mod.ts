/**
 * RTD, one file per idea. Read in this order: `pairs.ts` (the pairs of a step), `concatenation.ts` (the pseudo-token while
 * there is no image), `loss.ts`, `train.ts`, `recipe.ts`; `naive_fine_tuning.ts` is what the paper compares with.
 *
 * @module
 */
export { type ComponentVariant, componentVariants } from "./components.ts";
export { type Concatenation, concatenations, noisyPseudoTokens } from "./concatenation.ts";
export type { FineTuned, FineTuningControl, FineTuningProgress } from "./fine_tune_text.ts";
export { rtdLoss } from "./loss.ts";
export { fineTuneNaively, type NaiveFineTuningOptions, type NaiveRecipe } from "./naive_fine_tuning.ts";
export { type PairGroup, type StepPairs, stepPairs } from "./pairs.ts";
export {
  changeRecipe,
  embeddedRecipe,
  paperRecipe,
  type RtdRecipe,
  type TrainablePart,
  trainableParts,
} from "./recipe.ts";
export { type FineTunedModel, saveFineTuned } from "./save_fine_tuned.ts";
export { trainRtd, type TrainRtdOptions } from "./train.ts";
