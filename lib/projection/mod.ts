/**
 * phi, which maps a CLIP embedding to a pseudo-token, its training by Pic2Word, SEARLE and LinCIR, and textual
 * inversion.
 *
 * @example Find the words that a pseudo-token is most similar to
 * ```ts
 * import { encodeTexts, loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 * import { applyPhi, nearestWords } from "@rtd/toolkit/projection";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const pseudoTokens = applyPhi(phi, await encodeTexts(clip, ["red apple"])); // [1, 128]
 * console.log(await nearestWords(clip, pseudoTokens, 3));
 * ```
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
export { type CaptionFile, readCaptions, type ReadCaptionsOptions } from "./lincir/caption_file.ts";
export { maskCaption, maskRandomWord, maskReleased } from "./lincir/keywords.ts";
export { type Masking, maskings } from "./lincir/masking.ts";
export { loadTagger, type TaggedWord, type TagWords } from "../triplets/tagger.ts";
export { lincirObjective, type LincirOptions, type LincirRecipe, type MaskedCaption } from "./lincir/lincir.ts";
export { nearestWords, type NearWord } from "./nearest_words.ts";
export type { Objective, ObjectiveStep } from "./objective.ts";
export { applyPhi, type Dropout, type Phi, phiInput, phiLayers } from "./phi.ts";
export { loadPhi, savePhi } from "./phi_file.ts";
export { embeddedPhiRecipes, paperPhiRecipes, type PhiRecipes } from "./phi_recipes.ts";
export { pic2wordObjective, type Pic2wordRecipe } from "./pic2word/pic2word.ts";
export { composedPrompt, imagePrompt } from "./prompts.ts";
export { type InvertedTokens, type LoadedTokens, loadPseudoTokens, savePseudoTokens } from "./pseudo_token_file.ts";
export { estimateTokens, generatePhrases, type PhraseOptions, type PhraseReport } from "./searle/generate_phrases.ts";
export type { FileClip } from "./clip_origin.ts";
export { type InversionTask, invertImages } from "./searle/invert_images.ts";
export {
  type DrawPhrase,
  maskConcept,
  phraseDrawer,
  type PhraseDrawerOptions,
  type PhrasePair,
  type Phrases,
  rankConcepts,
  type RankedConcepts,
  readPhrases,
  readTemplates,
} from "./searle/phrases.ts";
export { type SearleImages, searleObjective, type SearleOptions, type SearleRecipe } from "./searle/searle.ts";
export {
  inversionConcepts,
  type InversionOptions,
  inversionTemplates,
  paperInversion,
  searleTemplates,
} from "./searle/textual_inversion.ts";
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
export type { ChatEndpoint, ChatOptions } from "../llm/chat.ts";
export type { ChatUsage } from "../llm/usage.ts";
