/** The main table of a study. */
import { interval, spread } from "../report/intervals.ts";
import { type Cell, type Table, table } from "../report/table.ts";
import { gainOver } from "./gain.ts";
import type { Study } from "./study.ts";
import { evaluationOf, rowName, scoresOf, type StudyRow } from "./study_rows.ts";
import type { Testbed } from "./testbed.ts";

/**
 * Makes the main table: for each row the headline metric of every benchmark, the gain on the first one, plain retrieval,
 * and the paper's figure where one was seen.
 */
export function resultTable(rows: readonly StudyRow[], study: Study, testbed: Testbed): Table {
  const [main, ...others] = testbed.benchmarks, { plain } = testbed, { paper } = study;
  const columns = [
    ...columnIf(several(rows.map(({ clip }) => clip)), "CLIP", ({ clip }) => clip),
    ...columnIf(several(rows.map(({ phi }) => phi)), "phi", ({ phi }) => phi),
    column("variant", rowName),
    column(`${main.name}, ${main.headline}`, (row) => headlines(row, main.name)),
    column("gain, paired 95 %", (row) => {
      const gain = row.reference && gainOver(row.reference, row, main);
      return gain && interval(gain);
    }),
    ...others.map(({ name, headline }) => column(`${name}, ${headline}`, (row) => headlines(row, name))),
    ...columnIf(plain !== undefined, plain?.headline ?? "", (row) => plainOf(row, plain!.headline)),
    ...columnIf(paper !== undefined, `paper, ${paper?.table}`, (row) => paperFigureOf(row, study, testbed)?.value),
  ];
  return table(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ cell }): Cell => cell(row))),
  );
}

interface Column {
  title: string;
  cell: (row: StudyRow) => Cell;
}

function column(title: string, cell: (row: StudyRow) => Cell): Column {
  return { title, cell };
}

function columnIf(present: boolean, title: string, cell: (row: StudyRow) => Cell): Column[] {
  return present ? [{ title, cell }] : [];
}

function several(values: readonly (string | undefined)[]): boolean {
  return new Set(values.filter((value) => value !== undefined)).size > 1;
}

/** Mean and standard deviation over the runs of a row; undefined where it has no scores. */
function headlines(row: StudyRow, benchmark: string): Cell {
  const scores = scoresOf(row, benchmark);
  return scores.length === 0 ? undefined : spread(scores.map(({ headline }) => headline));
}

/** Plain retrieval, which depends on the encoder and not on the query: given for a row's first query alone. */
function plainOf(row: StudyRow, headline: string): Cell {
  if (row.queryIndex > 0 || row.phi === undefined) return undefined;
  const values = row.finished.map((run) => evaluationOf(row, run).plain?.[headline]).filter((one) => one !== undefined);
  return values.length === 0 ? undefined : spread(values);
}

/** Looks up the paper's figure for a row; only a row's first query after the last step can have one. */
export function paperFigureOf(
  { variant, phi, clip, queryIndex, last, query }: StudyRow,
  study: Study,
  testbed: Testbed,
) {
  if (!last || (queryIndex > 0 && variant !== query.method)) return undefined;
  const { backbone } = testbed.clips.find(({ name }) => name === clip)!;
  return study.paper?.figure({ variant, phi, backbone });
}
