/** Tables 2 to 4: the base methods without and with RTD. */
import { interval, spread } from "../report/intervals.ts";
import { type Cell, type Table, table } from "../report/table.ts";
import { gainOver } from "./gain.ts";
import { type PaperFigure, paperFigure } from "./paper.ts";
import type { NamedQuery } from "./planned.ts";
import { strataTable } from "./strata_table.ts";
import type { PaperRow, Study, StudySection } from "./study.ts";
import { scoresOf, type StudyRow, type StudyRows } from "./study_rows.ts";
import type { Testbed } from "./testbed.ts";

/** Name of the rows of inverted pseudo-tokens. */
const invertedName = "SEARLE-OTI", rtd = "RTD";
const source = "the abstract and reviews of the paper: every base gains, by 1.5 to 10.8 points on average";

/** The main tables. */
export const mainResults: Study = {
  name: "main-results",
  title: "The base methods without and with RTD",
  asks: "Does RTD help Pic2Word, SEARLE and LinCIR on every CLIP and benchmark?",
  paper: {
    table: "Tables 2 to 4",
    figuresAre: "CIRCO test mAP@10, with ViT-L/14 unless the CLIP is another one of the paper's",
    figure: circoFigure,
    claims: [{ says: "RTD helps", better: rtd, than: "frozen", source }],
  },
  published: {
    cirr: "Tables 2 to 4, CIRR",
    circo: "Tables 2 to 4, CIRCO",
    fashioniq: "Table 3, FashionIQ",
    genecis: "GeneCIS",
    coco: "COCO",
  },
  clips: "all",
  phis: "all",
  frozen: [{ name: `frozen, ${invertedName}`, method: "pseudo-token + text" }],
  variants: ({ testbed }) => [{ name: rtd, training: { method: "RTD" }, queries: queriesOf(testbed) }],
  more: (result) => [
    ...strata(result),
    {
      title: "Which base method is ahead",
      note: "Differences on the same queries; an interval that holds 0 is no finding.",
      shows: pairTable(result),
    },
    {
      title: "Does an encoder fine-tuned with one phi help another?",
      note: "Rows: the phi that RTD was trained with. Columns: the pseudo-tokens that queries are made with.",
      shows: crossTable(result),
    },
  ],
};

/** The section of the headline by kind of edit, aspect or category, where the benchmark has several. */
function strata(result: StudyRows): StudySection[] {
  const shows = strataTable(result);
  if (!shows) return [];
  const note = "Percent; the headline is the mean over these columns, each of which has the same weight.";
  return [{ title: "By kind of query", note, shows }];
}

/** Own pseudo-tokens first, then the inverted ones and those of every phi, which stand in the further tables alone. */
function queriesOf({ clips }: Testbed): NamedQuery[] {
  const inverted = clips.some(({ pseudoTokens }) => pseudoTokens);
  const names = [...new Set(clips.flatMap(({ phis }) => phis.map(({ name }) => name)))];
  return [
    {},
    ...(inverted ? [{ name: `queried with ${invertedName}`, method: "pseudo-token + text" as const }] : []),
    ...(names.length > 1 ? names.map((phi) => ({ name: `queried with ${phi}`, phi, aside: true })) : []),
  ];
}

/** Names of the base methods' rows in the file of the paper's figures. */
function circoFigure({ variant, phi, backbone = "ViT-L/14" }: PaperRow): PaperFigure | undefined {
  if (phi === undefined) return undefined;
  const wanted = { backbone, dataset: "CIRCO", split: "test", metric: "mAP@10" };
  if (variant === rtd) return paperFigure({ ...wanted, method: `${phi} + RTD` });
  if (variant !== "frozen") return undefined;
  const large = phi === "SEARLE" && backbone === "ViT-L/14";
  const table = phi === "Pic2Word" ? "Pic2Word paper / SEARLE paper" : phi === "LinCIR" ? "LinCIR paper" : undefined;
  return paperFigure({ ...wanted, table, method: large ? "SEARLE-XL" : phi });
}

/** The rows of a CLIP that queries of its own phi make. */
function ownRows({ rows }: StudyRows, variant: string): Map<string, StudyRow[]> {
  return Map.groupBy(
    rows.filter((row) => row.phi !== undefined && row.variant === variant && row.queryIndex === 0),
    ({ clip }) => clip,
  );
}

/** Makes the table of differences between methods, frozen and with RTD. */
function pairTable(result: StudyRows): Table {
  const [main] = result.testbed.benchmarks, tuned = ownRows(result, rtd);
  const difference = (before: StudyRow | undefined, after: StudyRow | undefined) => {
    const gain = before && after && gainOver(before, after, main);
    return gain && interval(gain);
  };
  const rows = [...ownRows(result, "frozen")].flatMap(([clip, frozen]) =>
    frozen.flatMap((one, i) =>
      frozen.slice(i + 1).map((other): Cell[] => {
        const [before, after] = [one, other].map(({ phi }) => tuned.get(clip)?.find((row) => row.phi === phi));
        return [clip, `${other.phi} against ${one.phi}`, difference(one, other), difference(before, after)];
      })
    )
  );
  return table(["CLIP", "methods", "difference, frozen, paired 95 %", "difference with RTD, paired 95 %"], rows);
}

/** Makes the table of encoders that were fine-tuned with one phi, with pseudo-tokens of another. */
function crossTable({ rows, testbed }: StudyRows): Table {
  const [main] = testbed.benchmarks;
  const names = [...new Set(rows.map(({ query }) => query.phi).filter((name) => name !== undefined))];
  const value = (row: StudyRow | undefined): Cell => {
    const scores = row ? scoresOf(row, main.name) : [];
    return scores.length === 0 ? undefined : spread(scores.map(({ headline }) => headline));
  };
  const lines = [...Map.groupBy(rows, ({ clip }) => clip)].flatMap(([clip, own]): Cell[][] => {
    const line = (name: string, of: StudyRow[]): Cell[] => [
      clip,
      name,
      ...names.map((phi) => value(of.find(({ query }) => query.phi === phi))),
      value(of.find(({ query }) => query.method === "pseudo-token + text")),
    ];
    const frozen = own.filter(({ step }) => step === 0), tuned = own.filter(({ variant }) => variant === rtd);
    return [
      line("frozen", frozen),
      ...[...Map.groupBy(tuned, ({ phi }) => phi!)].map(([phi, of]) => line(phi, of)),
    ];
  });
  const columns = [...names, invertedName].map((name) => `with pseudo-tokens of ${name}`);
  return table(["CLIP", "fine-tuned with", ...columns], lines);
}
