/** What stands below a study's table: protocols, counts, the paper's sources, what was not run. */
import { counted } from "../io/counted.ts";
import { paperFigureOf } from "./result_table.ts";
import type { StudyResult } from "./study_result.ts";
import { rowName } from "./study_rows.ts";
import { devicesOf } from "./study_run.ts";

/** Returns the notes, a sentence or two each. */
export function studyNotes({ study, testbed, recipe, rows, notRun, unfinished, unused }: StudyResult): string[] {
  const seeds = Math.max(0, ...rows.map(({ finished }) => finished.length)), { paper } = study;
  const figures = rows.filter(({ query }) => !query.aside).map((row) => ({
    row,
    figure: paperFigureOf(row, study, testbed),
  }))
    .filter(({ figure }) => figure !== undefined);
  const sources = Map.groupBy(figures, ({ figure }) => `${figure!.of}; ${figure!.source}`);
  const devices = new Set(
    rows.flatMap(({ finished }) => finished.flatMap(devicesOf)).map(({ backend, name }) => `${backend}, ${name}`),
  );
  return [
    testbed.about,
    ...testbed.benchmarks.map(({ name, split, protocol, gallery, queries, stamps }) =>
      [`${name} (${split}): ${protocol}; gallery ${gallery}, ${queries.length} queries counted.`, ...stamps].join(" ")
    ),
    `${counted(recipe.steps, "step")} of ${counted(recipe.batch, "triplet")} unless a row says otherwise; ` +
    `${counted(seeds, "seed")}; +- is the standard deviation over seeds. Gains are paired, with 95 % intervals by ` +
    "bootstrap over seeds and clusters of queries.",
    ...(paper ? [`The paper's column: ${paper.figuresAre}. Empty where no figure was seen.`] : []),
    ...[...sources].map(([source, of]) =>
      `Paper, ${[...new Set(of.map(({ row }) => rowName(row)))].join("; ")}: ${source}.`
    ),
    `Computed on: ${[...devices].join("; ")}.`,
    ...notRun.map(({ what, reason }) => `Not run: ${what}: ${reason}.`),
    ...(unfinished > 0
      ? [`INCOMPLETE: ${counted(unfinished, "run is", "runs are")} not finished; rows hold those that are.`]
      : []),
    ...(unused.length > 0 ? [unusedNote(unused)] : []),
  ];
}

/** Names the files of a cache that are not used. */
export function unusedNote(unused: readonly string[]): string {
  const names = unused.slice(0, 3).join(", ");
  return `${
    counted(unused.length, "file of the cache is", "files of the cache are")
  } of another version, or not packed, and ${unused.length === 1 ? "is" : "are"} not used: ${names}${
    unused.length > 3 ? ", ..." : ""
  }.`;
}
