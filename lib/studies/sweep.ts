/** What studies of one number share: a row for each value, and a curve over the values. */
import type { Showable } from "../report/display.ts";
import { figure } from "../report/figure.ts";
import type { Series } from "../report/chart.ts";
import { evaluationOf, scoresOf, type StudyRow, type StudyRows } from "./study_rows.ts";

/** A point of a curve: where it is on the x axis, and the row that it is measured on. */
export interface SweepPoint {
  /** The value on the x axis. */
  x: number;
  /** The row. */
  row: StudyRow;
}

/** A curve by its name. */
export interface SweepCurve {
  /** Its name in the legend. */
  name: string;
  /** Its points, by ascending `x`. */
  points: readonly SweepPoint[];
}

/** Titles of a sweep's figure. */
export interface SweepTitles {
  /** Title of the figure. */
  title: string;
  /** Title of the x axis, with its unit. */
  xTitle: string;
}

/**
 * Draws the main benchmark's headline metric over a number, mean and standard deviation over seeds, and plain retrieval
 * beside it where the testbed measures it and there is one curve.
 */
export function sweepFigure({ testbed }: StudyRows, curves: readonly SweepCurve[], titles: SweepTitles): Showable {
  const [main] = testbed.benchmarks, { plain } = testbed;
  const series = curves.map(({ name, points }): Series => ({
    name,
    ...curveOf(points, (row) => scoresOf(row, main.name).map(({ headline }) => headline)),
  }));
  if (curves.length === 1 && plain) {
    series.push({ name: plain.headline, ...curveOf(curves[0].points, (row) => plainOf(row, plain.headline)) });
  }
  return figure({ kind: "line", ...titles, yTitle: "percent", series: series.filter(({ x }) => x.length > 0) });
}

/** Plain retrieval of a row in each of its runs. */
export function plainOf(row: StudyRow, headline: string): number[] {
  return row.finished.map((run) => evaluationOf(row, run).plain?.[headline]).filter((value) => value !== undefined);
}

/** The mean and the sample standard deviation; that of one value is 0. */
export function meanAndSpread(values: readonly number[]): { mean: number; spread: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, spread: Math.sqrt(variance) };
}

function curveOf(
  points: readonly SweepPoint[],
  valuesOf: (row: StudyRow) => readonly number[],
): Pick<Series, "x" | "y" | "spread"> {
  const measured = points.map(({ x, row }) => ({ x, values: valuesOf(row) })).filter(({ values }) => values.length > 0)
    .map(({ x, values }) => ({ x, ...meanAndSpread(values) }));
  return {
    x: measured.map(({ x }) => x),
    y: measured.map(({ mean }) => mean),
    spread: measured.map(({ spread }) => spread),
  };
}
