/** The rows of a study's table with their results. */
import { counted } from "../io/counted.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { PlannedRow } from "./planned.ts";
import type { RunEvaluation, StudyRun } from "./study_run.ts";
import type { BenchmarkScores, Testbed } from "./testbed.ts";

/** A row with the results of its runs. */
export interface StudyRow extends PlannedRow {
  /** The finished runs, one a seed. */
  finished: readonly StudyRun[];
  /** The row that the gain is over, if it is finished. */
  reference?: StudyRow;
}

/** What a study's further tables and figures are made of. */
export interface StudyRows {
  /** The testbed. */
  testbed: Testbed;
  /** The recipe that variants change. */
  recipe: RtdRecipe;
  /** The rows of which at least one run is finished. */
  rows: readonly StudyRow[];
}

/** Returns the evaluation of a row in one of its runs. */
export function evaluationOf(row: PlannedRow, run: StudyRun): RunEvaluation {
  const found = run.evaluations.find(({ step, share }) => step === row.step && share === row.share);
  if (found) return found;
  const of = row.share === undefined ? "" : ` of the share ${row.share}`;
  throw new Error(`Reading a run failed: it has no evaluation${of} after step ${row.step}; delete it to make it anew.`);
}

/** Returns the scores of a row on a benchmark, one for each finished run; those without any are left out. */
export function scoresOf(row: StudyRow, benchmark: string): BenchmarkScores[] {
  return row.finished.map((run) => evaluationOf(row, run).queries[row.queryIndex][benchmark])
    .filter((scores) => scores !== undefined);
}

/** Returns the name of a row in a table. */
export function rowName({ variant, query, step, share, last }: PlannedRow): string {
  const part = last ? undefined : share === undefined ? counted(step, "step") : `share ${share}`;
  return [variant, query.name, part].filter(Boolean).join(", ");
}
