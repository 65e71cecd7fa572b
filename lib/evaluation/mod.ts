/**
 * Evaluation: query encoder, ranking, metrics, statistics, submissions, and `evaluateBenchmark`, which combines them.
 *
 * @example Rank a gallery of images for a composed query
 * ```ts
 * import { applyPhi, encodeTexts, loadEmbeddedModel, useDevice } from "@rtd/toolkit";
 * import { rankGallery } from "@rtd/toolkit/evaluation";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * // Texts take the role of images here.
 * const gallery = await encodeTexts(clip, ["red heart", "blue heart", "fried egg"]); // [3, 128]
 * const pseudoTokens = applyPhi(phi, gallery.slice(0, 1)); // [1, 128]
 * const queries = await encodeTexts(clip, ["a photo of [$] that is blue"], { pseudoTokens }); // [1, 128]
 * const [{ top }] = await rankGallery({ queries, gallery, relevance: [{ correct: [1], excluded: [0] }] });
 * console.log(top);
 * ```
 *
 * @module
 */
export { type BenchmarkData, type BenchmarkDataOptions, defaultSplit, openBenchmarkData } from "./benchmark_data.ts";
export { averagePrecision, trapezoidalAveragePrecision } from "./average_precision.ts";
export {
  type Interval,
  pairedBootstrap,
  type PairedInterval,
  type PairedScore,
  percentileInterval,
} from "./bootstrap.ts";
export { captionFeatures, type ImageCaptions, readImageCaptions } from "./caption_features.ts";
export { evaluateBenchmark, evaluateData, type Evaluation, type EvaluationOptions } from "./evaluate_benchmark.ts";
export { type EvaluationRow, type PartFigures, rankByMethod, type RankByMethodOptions } from "./evaluation_row.ts";
export { meanMetrics, type Metrics, partMetrics, rankStatistics, recallAt } from "./metrics.ts";
export type { Missing } from "./missing_images.ts";
export {
  defaultPrompt,
  defaultTemplate,
  encodeQueries,
  type EncodeQueriesOptions,
  paperPrompt,
  type QueryEncoder,
  type QueryPrompt,
} from "./query_encoder.ts";
export { type EncodedMethod, type QueryMethod, queryMethods } from "./query_method.ts";
export { bestRank, type FeatureRows, type RankingResult, rankPart, type RankPartOptions } from "./rank_part.ts";
export { rankGallery, type RankGalleryOptions, type Ranking, type Relevance } from "./ranking.ts";
export {
  type BootstrapOptions,
  type CompareOptions,
  compareResults,
  type Comparison,
  metricIntervals,
  readResults,
  resultsText,
  signTest,
} from "./ranking_results.ts";
export {
  trainValidated,
  type ValidatedProgress,
  type ValidatedTraining,
  type ValidatedTrainingOptions,
  type Validation,
  type ValidationPlan,
} from "./validated_training.ts";
export { openValidator, type Validator, type ValidatorOptions } from "./validator.ts";
export {
  checkSubmission,
  type SubmissionCheck,
  type SubmissionKind,
  type SubmissionOptions,
  writeSubmissions,
} from "./submissions.ts";
