/**
 * Tables and figures as plain objects that a notebook displays, with representations for terminals and pages.
 *
 * @module
 */
export { type Chart, palette, type Series } from "./chart.ts";
export { jupyterDisplay, type MimeBundle, type Showable } from "./display.ts";
export { evaluationTable } from "./evaluation_table.ts";
export { type Figure, figure } from "./figure.ts";
export { interval, spread } from "./intervals.ts";
export { clock, type Progress, progress } from "./progress.ts";
export { type QueryComparison, queryComparison } from "./query_comparison.ts";
export {
  type DecidingOptions,
  evaluationConfiguration,
  openRowFiles,
  type RowFiles,
  type RowFilesOptions,
} from "./row_files.ts";
export { writeMtebFiles } from "./mteb_files.ts";
export {
  type EvaluationExport,
  evaluationExports,
  saveEvaluation,
  type SaveEvaluationOptions,
} from "./save_evaluation.ts";
export {
  readFigures,
  type ResultFigure,
  type ResultsTable,
  resultsTable,
  type ResultsTableOptions,
} from "./results_table.ts";
export { type Cell, type Table, table } from "./table.ts";
