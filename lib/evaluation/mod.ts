/**
 * Evaluation: query encoder, ranking, metrics, statistics, submissions, and `evaluateBenchmark` over all of them.
 *
 * @module
 */
export { type BenchmarkData, type BenchmarkDataOptions, defaultSplit, openBenchmarkData } from "./benchmark_data.ts";
export {
  type Interval,
  pairedBootstrap,
  type PairedInterval,
  type PairedScore,
  percentileInterval,
} from "./bootstrap.ts";
export { captionFeatures, type ImageCaptions, readImageCaptions } from "./caption_features.ts";
export {
  evaluateBenchmark,
  evaluateData,
  type Evaluation,
  type EvaluationOptions,
  type EvaluationRow,
  type PartFigures,
} from "./evaluate_benchmark.ts";
export { averagePrecision, meanMetrics, type Metrics, partMetrics, recallAt } from "./metrics.ts";
export { countMissing, type Missing } from "./missing_images.ts";
export {
  defaultTemplate,
  encodeQueries,
  type EncodeQueriesOptions,
  paperPrompt,
  type QueryEncoder,
  type QueryMethod,
  queryMethods,
  type QueryPrompt,
} from "./query_encoder.ts";
export { type FeatureRows, type RankingResult, rankPart, type RankPartOptions } from "./rank_part.ts";
export { rankGallery, type RankGalleryOptions, type Ranking, type Relevance } from "./ranking.ts";
export {
  compareResults,
  type Comparison,
  metricIntervals,
  readResults,
  resultsText,
  signTest,
} from "./ranking_results.ts";
export { checkSubmission, type SubmissionCheck, type SubmissionKind, writeSubmissions } from "./submissions.ts";
