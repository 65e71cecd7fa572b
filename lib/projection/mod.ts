/**
 * phi: from a CLIP embedding to a pseudo-token, and how Pic2Word, SEARLE and LinCIR train it.
 *
 * @module
 */
export {
  fitPhi,
  type FitPhiOptions,
  type PhiMethod,
  phiMethods,
  type PhiTraining,
  type TrainedPhi,
} from "./fit_phi.ts";
export { type CaptionFile, readCaptions } from "./lincir/caption_file.ts";
export { loadTagger, maskCaption, type TaggedWord, type TagWords } from "./lincir/keywords.ts";
export { lincirObjective, type LincirOptions, type LincirRecipe, type MaskedCaption } from "./lincir/lincir.ts";
export { nearestWords, type NearWord } from "./nearest_words.ts";
export type { Objective, ObjectiveStep } from "./objective.ts";
export { applyPhi, type Dropout, type Phi } from "./phi.ts";
export { loadPhi, savePhi } from "./phi_file.ts";
export { embeddedPhiRecipes, paperPhiRecipes, type PhiRecipes } from "./phi_recipes.ts";
export { pic2wordObjective, type Pic2wordRecipe } from "./pic2word/pic2word.ts";
export { composedPrompt, imagePrompt } from "./prompts.ts";
export { type InvertedTokens, type LoadedTokens, loadPseudoTokens, savePseudoTokens } from "./pseudo_token_file.ts";
export { estimateTokens, generatePhrases, type PhraseOptions, type PhraseReport } from "./searle/generate_phrases.ts";
export { type InversionTask, invertImages } from "./searle/invert_images.ts";
export {
  type DrawPhrase,
  maskConcept,
  phraseDrawer,
  type PhrasePair,
  type Phrases,
  readPhrases,
} from "./searle/phrases.ts";
export { type SearleImages, searleObjective, type SearleOptions, type SearleRecipe } from "./searle/searle.ts";
export { type InversionOptions, inversionTemplates, paperInversion } from "./searle/textual_inversion.ts";
export { selfRetrieval } from "./self_retrieval.ts";
export {
  type LincirTask,
  type PhiProgress,
  type PhiValidation,
  type Pic2wordTask,
  type SearleTask,
  trainPhi,
  type TrainPhiOptions,
  type ValidatedPhi,
} from "./train_phi.ts";
export type { Clip } from "../clip/files/model_folder.ts";
export type { ClipConfig, TextConfig, TowerConfig, VisionConfig } from "../clip/model/config.ts";
export type { Tokenizer } from "../clip/model/tokenizer.ts";
export type { OnProgress } from "../io/on_progress.ts";
export type { Path } from "../io/path.ts";
export type { ChatEndpoint, ChatOptions } from "../llm/chat.ts";
export type { Random, RandomState } from "../tensors/random.ts";
export type { Weights } from "../tensors/weights.ts";
export type { AdamWOptions } from "../training/adamw.ts";
export type { EpochState } from "../training/epoch_sampler.ts";
export type { FitOptions, FitProgress, FitResult, RunControl } from "../training/fit.ts";
export type { MakeSampler, Sampler } from "../training/sampler.ts";
export type { Schedule } from "../training/schedule.ts";
