/** All figures of a study, one line for each row and benchmark, for other programs. */
import { type Cell, type Table, table } from "../report/table.ts";
import { gainOver } from "./gain.ts";
import { paperFigureOf } from "./result_table.ts";
import type { StudyResult } from "./study_result.ts";
import { evaluationOf, rowName, scoresOf } from "./study_rows.ts";
import { meanAndSpread } from "./sweep.ts";

const columns = [
  ...["study", "testbed", "CLIP", "phi", "row", "query method", "step", "seeds"],
  ...["benchmark", "split", "metric", "mean", "standard deviation", "gain", "gain low", "gain high", "over"],
  ...["gallery", "queries", "mean cosine with the target", "paper", "paper is of", "paper source"],
];

/** Makes the table of all figures; its CSV is what other programs read. */
export function figuresTable({ study, testbed, rows }: StudyResult): Table {
  const lines = rows.flatMap((row): Cell[][] => {
    const own: Cell[] = [
      ...[study.name, testbed.name, row.clip, row.phi, rowName(row), row.query.method],
      ...[String(row.step), String(row.finished.length)],
    ];
    const figures = testbed.benchmarks.flatMap((benchmark, i): Cell[][] => {
      const scores = scoresOf(row, benchmark.name);
      if (scores.length === 0) return [];
      const gain = row.reference && gainOver(row.reference, row, benchmark);
      const paper = i === 0 ? paperFigureOf(row, study, testbed) : undefined;
      const cosines = scores.map(({ targetCosine }) => targetCosine).filter((one) => one !== undefined);
      return [[
        ...own,
        ...[benchmark.name, benchmark.split, benchmark.headline],
        ...meanAndDeviation(scores.map(({ headline }) => headline)),
        ...[gain?.difference, gain?.low, gain?.high, gain && row.reference && rowName(row.reference)],
        ...[String(benchmark.gallery), String(benchmark.queries.length)],
        cosines.length === 0 ? undefined : meanAndDeviation(cosines)[0],
        ...[paper?.value, paper?.of, paper?.source],
      ]];
    });
    const plain = row.queryIndex > 0 ? [] : row.finished.map((run) => evaluationOf(row, run).plain);
    const names = Object.keys(plain.find((one) => one) ?? {});
    const retrieval = names.map((name): Cell[] => [
      ...own,
      ...["plain retrieval", undefined, name],
      ...meanAndDeviation(plain.map((one) => one?.[name]).filter((value) => value !== undefined)),
      ...Array(columns.length - own.length - 5).fill(undefined),
    ]);
    return [...figures, ...retrieval];
  });
  return table(columns, lines);
}

/** The mean and the sample standard deviation, which one value alone does not have. */
function meanAndDeviation(values: readonly number[]): [number, number | undefined] {
  const { mean, spread } = meanAndSpread(values);
  return [mean, values.length < 2 ? undefined : spread];
}
