/** The figures of an evaluation as a table, and which of them is its result. */
import type { BenchmarkName } from "../benchmarks/benchmark.ts";
import type { Evaluation } from "../evaluation/evaluate_benchmark.ts";
import type { EvaluationRow } from "../evaluation/evaluation_row.ts";
import { type Table, table } from "./table.ts";

/** The metric by which each benchmark's authors order methods; the mean over parts where there are several. */
export const mainMetrics: Record<BenchmarkName, string> = {
  cirr: "R@1",
  circo: "mAP@5",
  fashioniq: "R@10",
  genecis: "R@1",
  coco: "R@1",
  icir: "mAP",
};

/** The rows that an evaluation's result is read from. */
export interface ResultRows {
  /** The last row; the oracle, which knows the target, only where there is nothing else. */
  result: EvaluationRow;
  /** The same query method with the frozen text encoder, where `result` has a fine-tuned one. */
  frozen?: EvaluationRow;
}

/** Chooses the row that is an evaluation's result, and the one that it is compared with. */
export function resultRows({ rows }: Evaluation): ResultRows {
  const result = rows.findLast(({ method }) => method !== "oracle") ?? rows[rows.length - 1];
  const frozen = result.fineTuned ? rows.find((row) => row.method === result.method && !row.fineTuned) : undefined;
  return { result, frozen };
}

/**
 * Makes the table of all figures: one line a metric, all rows side by side.
 *
 * What counts is first: the main metric, and the row that is the result. Marks of what qualifies the figures stand
 * behind every metric's name. Where the targets of the split are secret, the table says so and has no figures.
 */
export function evaluationTable(evaluation: Evaluation): Table {
  const { data: { benchmark, marks } } = evaluation;
  const { result, frozen } = resultRows(evaluation), first = frozen ? [result, frozen] : [result];
  const rows = [...first, ...evaluation.rows.filter((row) => !first.includes(row))];
  const parts = Object.entries(result.parts), main = mainMetrics[benchmark];
  if (parts.length === 0) {
    return table(["no figures"], [["the targets of this split are secret; its server scores submissions"]]);
  }
  const mark = marks.length > 0 ? ` (${marks.join(", ")})` : "";
  const ordered = (metrics: object) =>
    Object.keys(metrics).sort((one, other) => Number(other === main) - Number(one === main));
  const means = ordered(result.mean ?? {}).map((metric) => [
    `mean, ${metric}${mark}`,
    ...rows.map(({ mean }) => mean![metric].toFixed(2)),
  ]);
  const lines = parts.flatMap(([part, { metrics }]) =>
    ordered(metrics).map((metric) => [
      `${parts.length > 1 ? `${part}, ` : ""}${metric}${mark}`,
      ...rows.map((row) => {
        const value = row.parts[part].metrics[metric], range = row.parts[part].intervals[metric];
        return `${value.toFixed(2)} [${range.low.toFixed(1)}, ${range.high.toFixed(1)}]`;
      }),
    ])
  );
  const ranks = parts.flatMap(([part, { ranks = {} }]) =>
    Object.keys(ranks).map((name) => [
      `${parts.length > 1 ? `${part}, ` : ""}${name} (not percent)${mark}`,
      ...rows.map((row) => row.parts[part].ranks![name].toFixed(1)),
    ])
  );
  return table(["metric, percent [95 %]", ...rows.map(({ name }) => name)], [...means, ...lines, ...ranks]);
}
