/**
 * Studies: each table of the paper as one plain value, run on a testbed of the embedded world or of real CLIPs.
 *
 * @module
 */
export { attention } from "./attention.ts";
export {
  type AttentionShares,
  measureAttention,
  partsOf,
  type QueryPart,
  queryParts,
  wordsOf,
} from "./attention_shares.ts";
export { type BareToken, type Found, measureBareToken, type ProbeModels } from "./bare_token.ts";
export { batchSize } from "./batch_size.ts";
export { clipTestbed, type ClipTestbedOptions } from "./clip_testbed.ts";
export { components } from "./components.ts";
export {
  changeTexts,
  changeTriplets,
  type ConditioningChange,
  conditioningChanges,
  keywordsOf,
} from "./conditioning.ts";
export { conditioningText } from "./conditioning_text.ts";
export { cost } from "./cost.ts";
export { type Direction, judgeClaims, type JudgedClaim } from "./directions.ts";
export { emojiTestbed, type EmojiTestbedOptions } from "./emoji_testbed.ts";
export { fewerParameters } from "./fewer_parameters.ts";
export { figuresTable } from "./figures_table.ts";
export { gainOver } from "./gain.ts";
export { headlineFigure } from "./headline_figure.ts";
export { keptCaptions } from "./kept_captions.ts";
export { layers } from "./layers.ts";
export { mainResults } from "./main_results.ts";
export { mixTriplets } from "./mix_triplets.ts";
export { naiveTuning } from "./naive_tuning.ts";
export { noise } from "./noise.ts";
export { type EmbeddedTestbed, embeddedTestbeds, openTestbed, type OpenTestbedOptions } from "./open_testbed.ts";
export { paperAblation, type PaperFigure, paperFigure, type PaperLookup } from "./paper.ts";
export { phiSeeds } from "./phi_seeds.ts";
export { type PlanOptions, planStudy, type StudyPlan } from "./plan.ts";
export type { NamedQuery, NotRun, PlannedRow, PlannedRun, PlannedTraining } from "./planned.ts";
export { type Probe, probe, type Probed, probes } from "./probes.ts";
export { readingOrObeying } from "./reading_or_obeying.ts";
export { readingTriplets } from "./reading_triplets.ts";
export { type BatchNearness, batchNearness, refinedBatches } from "./refined_batches.ts";
export { type PairedRuns, runsInterval } from "./runs_bootstrap.ts";
export { recommended } from "./recommended.ts";
export { runStudy, type RunStudyOptions, type Shard, type StudyProgress } from "./run_study.ts";
export { scenesTestbed, type ScenesTestbedOptions } from "./scenes_testbed.ts";
export { seeds } from "./seeds.ts";
export { saveStudy } from "./save_study.ts";
export { strataTable } from "./strata_table.ts";
export { steps } from "./steps.ts";
export { findStudy, studies } from "./studies.ts";
export {
  type Claim,
  frozenName,
  type NaiveTraining,
  type PaperRow,
  type PaperTable,
  type RtdTraining,
  type Study,
  type StudyContext,
  type StudySection,
  type Training,
  type Variant,
} from "./study.ts";
export { readStudyFigures } from "./study_figures.ts";
export { type ListedStudy, listStudies } from "./study_list.ts";
export { studyNotes } from "./study_notes.ts";
export { studyPage } from "./study_page.ts";
export type { StudyResult } from "./study_result.ts";
export { evaluationOf, rowName, scoresOf, type StudyRow, type StudyRows } from "./study_rows.ts";
export type { RunEvaluation, StudyRun } from "./study_run.ts";
export { taskDiscrepancy } from "./task_discrepancy.ts";
export { temperature } from "./temperature.ts";
export { tradeOff } from "./trade_off.ts";
export { batchSourceNames } from "./testbed.ts";
export type {
  BenchmarkScores,
  CaptionedQueries,
  CountedQuery,
  KeptCaptionsSource,
  OpenClip,
  OpenControl,
  ProbedQueries,
  QueryChoice,
  Testbed,
  TestbedBenchmark,
  TestbedClip,
  TestbedPhi,
  TripletSource,
} from "./testbed.ts";
export { type PairSimilarity, pairSimilarity } from "./pair_similarity.ts";
export {
  measureTextAndImage,
  type ScaleSimilarity,
  type TextAndImage,
  type TextAndImageMap,
} from "./text_and_image.ts";
export { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";
export { tripletSources } from "./triplet_sources.ts";
export { whereTheyLie } from "./where_they_lie.ts";
