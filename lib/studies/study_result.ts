/** The answer of a study: its rows, its table, and what was not run. */
import { jupyterDisplay, type Showable } from "../report/display.ts";
import type { Table } from "../report/table.ts";
import { directionLines } from "./directions.ts";
import type { StudyPlan } from "./plan.ts";
import type { NotRun } from "./planned.ts";
import { resultTable } from "./result_table.ts";
import { frozenName, type Study } from "./study.ts";
import type { StudyRow, StudyRows } from "./study_rows.ts";
import type { StudyRun } from "./study_run.ts";
import type { Testbed } from "./testbed.ts";

/** The answer of a study. */
export interface StudyResult extends StudyRows, Showable {
  /** The study. */
  study: Study;
  /** What the testbed cannot run. */
  notRun: readonly NotRun[];
  /** Number of planned runs that are not finished, such as those of other shares. */
  unfinished: number;
  /** Files of the cache that this version does not use. */
  unused: readonly string[];
  /** Makes the main table. */
  table(): Table;
  /** Returns what the paper's claims became, a line each: same direction, not seen here, opposite. */
  directions(): string[];
}

/** Puts a result together. */
export function studyResult(
  { testbed, study, plan, runs, unused }: {
    testbed: Testbed;
    study: Study;
    plan: StudyPlan;
    runs: ReadonlyMap<string, StudyRun>;
    unused: readonly string[];
  },
): StudyResult {
  const rows: StudyRow[] = plan.rows.map((row) => ({
    ...row,
    finished: row.runs.map((key) => runs.get(key)).filter((run) => run !== undefined),
  })).filter(({ finished }) => finished.length > 0);
  for (const row of rows) row.reference = referenceOf(row, rows);
  // Made once: the intervals of its gains take a second with some thousand queries.
  let main: Table | undefined;
  return {
    study,
    testbed,
    recipe: plan.recipe,
    rows,
    notRun: plan.notRun,
    unfinished: plan.runs.filter(({ key }) => !runs.has(key)).length,
    unused,
    table: () => main ??= resultTable(rows.filter(({ query }) => !query.aside), study, testbed),
    directions: () => directionLines(rows, study, testbed.benchmarks[0]),
    [jupyterDisplay]() {
      return this.table()[jupyterDisplay]();
    },
  };
}

/**
 * Finds the row that a row's gain is over: of the variant `against` on the same CLIP, the one with the same query, that
 * of the same phi first; a query that the frozen encoder was not asked with is compared with its main one.
 */
function referenceOf(row: StudyRow, rows: readonly StudyRow[]): StudyRow | undefined {
  const { against, clip, phi, query } = row;
  if (against === undefined) return undefined;
  const frozen = ({ variant, step }: StudyRow) => variant === against || (against === frozenName && step === 0);
  const possible = rows.filter((one) => one.clip === clip && one.last && frozen(one) && one !== row);
  const same = possible.filter(({ query: own }) =>
    own.method === query.method && own.phi === query.phi && own.conditioning === query.conditioning &&
    own.caption === query.caption
  );
  return same.find((one) => one.phi === phi) ?? same[0] ??
    possible.find((one) => one.variant === against && one.phi === phi && one.queryIndex === 0);
}
