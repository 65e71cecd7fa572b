/**
 * RTD for zero-shot composed image retrieval: the doors of the library, by room.
 *
 * RTD (Byun et al., ICCV 2025, arXiv 2406.09188) tunes CLIP's text encoder on text triplets alone, so that the text
 * "a photo of [$] that {change}", with a picture's pseudo-word in the place of `[$]`, lands where the wanted picture is.
 *
 * @module
 */

// The device that computes.
export {
  describeDevice,
  type Device,
  type DeviceChoice,
  deviceChoices,
  parseDeviceChoice,
  useDevice,
} from "./lib/backend/device.ts";

// CLIP: both towers, texts to tokens, weights.
export type { ClipConfig, TextConfig, TowerConfig, VisionConfig } from "./lib/clip/config.ts";
export { clipLoss, normaliseRows } from "./lib/clip/contrastive_loss.ts";
export { encodePictures, encodeTexts, type OnEncoded } from "./lib/clip/encode_all.ts";
export { encodeImage } from "./lib/clip/image_encoder.ts";
export { type Clip, loadClip, type Towers } from "./lib/clip/model_folder.ts";
export { type PictureFeatures, pictureFeatures } from "./lib/clip/picture_features.ts";
export { loadPreprocessing, type PictureFile, pictureFilesIn, readPictures } from "./lib/clip/picture_files.ts";
export {
  type Box,
  clipPreprocessing,
  cutOut,
  decodePicture,
  fitPicture,
  maskOutline,
  normalisePicture,
  type Preprocessing,
  type Transparency,
} from "./lib/clip/preprocess.ts";
export type { RgbPicture } from "./lib/clip/resize.ts";
export { encodeText } from "./lib/clip/text_encoder.ts";
export { loadTextEncoder, saveTextEncoder } from "./lib/clip/text_folder.ts";
export { pseudoWord, type TokenBatch, type Tokenizer } from "./lib/clip/tokenizer.ts";
export { disposeWeights, type Weights } from "./lib/clip/weights.ts";

// phi: from an embedding to a pseudo-word.
export {
  cosineLoss,
  inversionLoss,
  type InversionOptions,
  inversionTemplates,
  invertBlock,
  paperInversion,
} from "./lib/projection/inversion.ts";
export { type InversionRun, type InversionTask, invertAll } from "./lib/projection/invert_all.ts";
export {
  lincirObjective,
  type LincirOptions,
  type LincirRecipe,
  type MaskedCaption,
  trainLincir,
} from "./lib/projection/lincir.ts";
export { nearestWords, type NearWord } from "./lib/projection/nearest_words.ts";
export type { Drop, MakeObjective, Objective, ObjectiveStep } from "./lib/projection/objective.ts";
export { type CaptionFile, readCaptions } from "./lib/projection/caption_file.ts";
export { generatePhrases, type PhraseOptions, type PhraseReport } from "./lib/projection/generate_phrases.ts";
export { loadTagger, maskCaption, type TaggedWord, type TagWords } from "./lib/projection/keywords.ts";
export { embeddedPhiRecipes, paperPhiRecipes, type PhiRecipes } from "./lib/projection/phi_recipes.ts";
export {
  type DrawPhrase,
  maskConcept,
  phraseDrawer,
  type PhrasePair,
  type Phrases,
  readPhrases,
} from "./lib/projection/phrases.ts";
export { pic2wordObjective, type Pic2wordRecipe, trainPic2word } from "./lib/projection/pic2word.ts";
export { searleObjective, type SearleOptions, type SearleRecipe, trainSearle } from "./lib/projection/searle.ts";
export { type PhiMethod, phiMethods, type PhiTraining, type TrainedPhi, trainPhi } from "./lib/projection/train_phi.ts";
export { loadWords, type PictureWords, saveWords } from "./lib/projection/word_file.ts";
export { applyPhi, type Phi, phiInput } from "./lib/projection/phi.ts";
export { type LoadedPhi, loadPhi, savePhi } from "./lib/projection/phi_file.ts";

// RTD: the loss, the sampler, the concatenation, the loop.
export { type ComponentVariant, componentVariants } from "./lib/rtd/components.ts";
export { type Concatenation, noisyPseudoWords } from "./lib/rtd/concatenation.ts";
export { rtdLoss } from "./lib/rtd/loss.ts";
export { changeRecipe, embeddedRecipe, paperRecipe, type RtdRecipe, type TrainablePart } from "./lib/rtd/recipe.ts";
export { type NaiveRecipe, tuneNaively } from "./lib/rtd/naive.ts";
export { saveTuned, type TunedFacts } from "./lib/rtd/save_tuned.ts";
export { composedPrompt, imagePrompt, type PairGroup, type StepPairs, stepPairs } from "./lib/rtd/sampler.ts";
export { type RtdModel, trainRtd } from "./lib/rtd/train.ts";
export { type Tuned, tuneText, type TuningProgress, type TuningRun } from "./lib/rtd/tune_text.ts";

// Language models.
export { chat, type ChatEndpoint, type ChatOptions, type ChatReply } from "./lib/llm/chat.ts";

// Models from the hub.
export { cachedSnapshot } from "./lib/hub/cache.ts";
export { fetchModel, type FetchNews } from "./lib/hub/fetch_model.ts";

// Text triplets.
export { cleanText, type Triplet, type TripletSampler } from "./lib/triplets/triplet.ts";

// The embedded benchmark and its model.
export {
  defaultSplitSeed,
  type EmojiBenchmark,
  emojiBenchmark,
  emojiQueries,
  type EmojiQuery,
} from "./lib/emoji/benchmark.ts";
export type { Emoji } from "./lib/emoji/catalogue.ts";
export type { Edit, EditKind } from "./lib/emoji/edits.ts";
export {
  type EmbeddedModel,
  embeddedModelFolder,
  type EmbeddedSize,
  embeddedSizes,
  invertedFile,
  loadEmbeddedModel,
} from "./lib/emoji/embedded_model.ts";
export { emojiCaptions, emojiPhrases } from "./lib/emoji/phi_data.ts";
export type { Split } from "./lib/emoji/families.ts";
export type { IconSet, PictureStyle } from "./lib/emoji/icons.ts";
export type { PictureSet } from "./lib/emoji/pictures.ts";
export { editSampler } from "./lib/emoji/triplets.ts";
export type { Wording } from "./lib/emoji/wording.ts";

// Benchmarks, read from their authors' layouts.
export {
  type BenchmarkName,
  benchmarkNames,
  type BenchmarkPart,
  type BenchmarkPicture,
  type ComposedQuery,
  type Counts,
} from "./lib/benchmarks/benchmark.ts";
export { benchmarkSplits, openBenchmark } from "./lib/benchmarks/open_benchmark.ts";
export { checkPictures, type PictureCheck } from "./lib/benchmarks/picture_check.ts";
export { averagePrecision, meanMetrics, type Metrics, partMetrics } from "./lib/evaluation/benchmark_metrics.ts";
export {
  askable,
  askedFeatures,
  type AskingMethod,
  askingMethods,
  type BenchmarkAsker,
  paperWordings,
  standardPrompt,
  type Wordings,
} from "./lib/evaluation/benchmark_queries.ts";
export { type FeatureRows, type QueryAnswer, rankPart } from "./lib/evaluation/benchmark_ranking.ts";
export { captionFeatures, type PictureCaptions, readPictureCaptions } from "./lib/evaluation/caption_features.ts";
export {
  type BenchmarkRow,
  benchmarkRow,
  countMissing,
  type Missing,
  missingStamp,
  refuseMissing,
} from "./lib/evaluation/evaluate_benchmark.ts";
export {
  answersText,
  compareAnswers,
  type Comparison,
  metricIntervals,
  readAnswers,
  signTest,
} from "./lib/evaluation/query_results.ts";
export {
  checkSubmission,
  type SubmissionCheck,
  type SubmissionKind,
  writeSubmissions,
} from "./lib/evaluation/submissions.ts";

// Evaluation.
export { pseudoWordRetrieval } from "./lib/evaluation/pseudo_word_retrieval.ts";
export { pairedBootstrap, type PairedInterval, type PairedOutcome } from "./lib/evaluation/bootstrap.ts";
export {
  type Asker,
  type EmojiFeatures,
  type EmojiScores,
  encodeEmojiPictures,
  evaluateEmoji,
  mainSetting,
  type QueryMethod,
  queryMethods,
  type QuerySetting,
} from "./lib/evaluation/emoji_retrieval.ts";
export {
  type EmojiRow,
  emojiRow,
  type EmojiSetup,
  frozenRows,
  macroInterval,
  seedsInterval,
  type SideSetting,
} from "./lib/evaluation/emoji_rows.ts";
export { type ClipResult, type MainOptions, mainResults, type MethodResult } from "./lib/evaluation/emoji_main.ts";
export { type EmojiOutcome, type OtherWords, runEmoji } from "./lib/evaluation/emoji_run.ts";
export { type EmojiTuning, naiveTuning, rtdTuning } from "./lib/evaluation/emoji_tunings.ts";
export { type LabelRetrieval, labelRetrieval } from "./lib/evaluation/label_retrieval.ts";
export { type Question, type Ranked, rankGallery, recallAt } from "./lib/evaluation/ranking.ts";

// Results that show themselves.
export type { Showable } from "./lib/report/display.ts";
export { type Chart, type Figure, figure } from "./lib/report/figure.ts";
export { emojiTable } from "./lib/report/emoji_table.ts";
export { crossTable, interval, mainTable, naiveTable, pairTable, spread } from "./lib/report/main_tables.ts";
export { pictureStrip, type Shown } from "./lib/report/picture_strip.ts";
export { type GridRow, type QueryGrid, queryGrid, winsAndLosses } from "./lib/report/query_grid.ts";
export { type Cell, type Table, table } from "./lib/report/table.ts";

// Optimiser, chance and time.
export { adamWDefaults, type AdamWOptions, type AdamWState, adamWState, adamWStep } from "./lib/training/adamw.ts";
export {
  type Fit,
  fit,
  type FitOptions,
  type FitProgress,
  type FitResult,
  type FitSource,
  type FitStep,
  type RunControl,
} from "./lib/training/fit.ts";
export { valueAndGradients } from "./lib/training/gradients.ts";
export { type Progress, progress } from "./lib/training/progress.ts";
export { epochSampler, type EpochState } from "./lib/training/epoch_sampler.ts";
export type { Sampler } from "./lib/training/sampler.ts";
export { type Random, random, type RandomState } from "./lib/training/random.ts";
export type { Schedule } from "./lib/training/schedule.ts";
