/** A row's headline by part of a benchmark, such as an aspect of edits. */
import { spread } from "../report/intervals.ts";
import { type Cell, type Table, table } from "../report/table.ts";
import { rowName, scoresOf, type StudyRows } from "./study_rows.ts";

/**
 * Makes a table of the first benchmark's headline in each of its strata, percent; one row a row of the study.
 *
 * @returns undefined where the benchmark has one stratum
 */
export function strataTable({ rows, testbed }: StudyRows): Table | undefined {
  const [{ name, queries, headline }] = testbed.benchmarks;
  const strata = [...Map.groupBy(queries.keys(), (i) => queries[i].stratum)];
  if (strata.length < 2) return undefined;
  const lines = rows.flatMap((row): Cell[][] => {
    const runs = scoresOf(row, name);
    if (runs.length === 0 || row.query.aside) return [];
    const mean = (indices: readonly number[], scores: readonly number[]) =>
      100 * indices.reduce((sum, i) => sum + scores[i], 0) / indices.length;
    return [[
      row.clip,
      [rowName(row), row.phi].filter(Boolean).join(", "),
      ...strata.map(([, indices]) => spread(runs.map(({ scores }) => mean(indices, scores)))),
    ]];
  });
  return table(["CLIP", `${name}, ${headline}`, ...strata.map(([stratum]) => stratum)], lines);
}
