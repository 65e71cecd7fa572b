/** The main benchmark's headline metric of every row, as a figure. */
import { type Figure, figure } from "../report/figure.ts";
import { rowName, scoresOf, type StudyRows } from "./study_rows.ts";
import { meanAndSpread } from "./sweep.ts";

/**
 * Makes a bar for each row of the main table but those on the way to a run's end: the mean over its seeds, and their
 * standard deviation. Where a study has several CLIPs or phis, each is a group of bars with the rows that have one.
 */
export function headlineFigure({ rows, testbed }: StudyRows): Figure {
  const [main] = testbed.benchmarks;
  const shown = rows.filter((row) => row.last && !row.query.aside && scoresOf(row, main.name).length > 0);
  const groupOf = ({ clip, phi }: typeof shown[number]) => `${clip}, ${phi}`;
  const tuned = shown.filter(({ phi }) => phi !== undefined);
  const several = new Set(tuned.map(groupOf)).size > 1;
  const bar = (row: typeof shown[number]) => {
    const { mean, spread } = meanAndSpread(scoresOf(row, main.name).map(({ headline }) => headline));
    return { y: mean, spread };
  };
  const series = several
    ? [...Map.groupBy(tuned, rowName)].map(([name, own]) => ({ name, x: own.map(groupOf), bars: own.map(bar) }))
    : [{ name: main.headline, x: shown.map(rowName), bars: shown.map(bar) }];
  return figure({
    kind: "bar",
    title: `${main.name}, ${main.headline}: mean and standard deviation over seeds`,
    xTitle: several ? "CLIP and phi" : "variant",
    yTitle: `${main.headline}, percent`,
    series: series.map(({ name, x, bars }) => ({
      ...{ name, x, y: bars.map(({ y }) => y), spread: bars.map(({ spread }) => spread) },
    })),
  });
}
