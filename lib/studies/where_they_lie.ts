/** The premise of RTD's training: a pseudo-token made from a caption stands in for the one made from the image. */
import { figure } from "../report/figure.ts";
import { type Cell, table } from "../report/table.ts";
import type { PairSimilarity } from "./pair_similarity.ts";
import { frozenName, type Study, type StudySection } from "./study.ts";
import { evaluationOf, type StudyRow } from "./study_rows.ts";
import { meanAndSpread } from "./sweep.ts";
import type { ScaleSimilarity, TextAndImage } from "./text_and_image.ts";

const rtd = "RTD";

/** Captions against images: features, pseudo-tokens and composed queries; beyond the paper. */
export const whereTheyLie: Study = {
  name: "where-they-lie",
  title: "Where texts and images lie",
  asks:
    "RTD trains with pseudo-tokens of captions and is evaluated with those of images: how near are the two, and does the noise, or RTD, bring them nearer?",
  clips: "first",
  phis: "all",
  textAndImage: ({ recipe: { noise } }) => [...new Set([0, noise, 1, 2])].sort((a, b) => a - b),
  variants: [{ name: rtd, training: { method: "RTD" } }],
  more: ({ rows, testbed }) => {
    const measured = rows.filter((row) => row.phi !== undefined && row.last && measuresOf(row).length > 0);
    if (measured.length === 0) return [];
    const frozen = measured.filter(({ variant }) => variant === frozenName);
    const [{ references, queries }] = measuresOf(measured[0]);
    const about = `Of ${references} references of ${testbed.captioned}, each with its first caption. `;
    return [
      {
        title: "Features and pseudo-tokens of captions and of images",
        note: about +
          "Cosines of caption and image: of one reference (own) and of two different ones (other), which is " +
          "what chance gives. Found: the share of images whose nearest caption is their own, among all references. The " +
          "noise is added to the caption's feature as in training; features are in the form that phi reads. The frozen " +
          "encoder makes them in training and in evaluation, so RTD does not move them.",
        shows: table(
          ["CLIP", "phi", "noise", ...columnsOf("feature"), ...columnsOf("pseudo-token")],
          frozen.flatMap((row) => {
            const [{ scales }] = measuresOf(row);
            return scales.map(({ noise, features, pseudoTokens }): Cell[] => [
              ...[row.clip, row.phi, String(noise)],
              ...cellsOf([features]),
              ...cellsOf([pseudoTokens]),
            ]);
          }),
        ),
      },
      {
        title: "Composed queries of captions and of images",
        note:
          `Of ${queries} queries: the same text with the caption's pseudo-token and with the image's (own), or with ` +
          "that of another reference's caption (other). Found: the share of queries of images whose nearest query of a " +
          "caption is their own, among all queries. After RTD: mean and standard deviation over seeds.",
        shows: table(
          ["CLIP", "phi", "noise", ...columnsOf("frozen"), ...columnsOf("after RTD")],
          frozen.flatMap((row) => {
            const tuned = measured.find(({ clip, phi, variant }) =>
              variant === rtd && clip === row.clip && phi === row.phi
            );
            const cells = (of: StudyRow | undefined, noise: number): Cell[] =>
              of
                ? cellsOf(measuresOf(of).map((one) => scaleOf(one, noise).queries))
                : [undefined, undefined, undefined];
            return measuresOf(row)[0].scales.map(({ noise }): Cell[] => [
              ...[row.clip, row.phi, String(noise)],
              ...cells(row, noise),
              ...cells(tuned, noise),
            ]);
          }),
        ),
      },
      ...frozen.flatMap(mapOf),
    ];
  },
};

/** What the runs of a row measured, one a seed. */
function measuresOf(row: StudyRow): TextAndImage[] {
  return row.finished.map((run) => evaluationOf(row, run).textAndImage).filter((one) => one !== undefined);
}

function scaleOf({ scales }: TextAndImage, noise: number): ScaleSimilarity {
  return scales.find((one) => one.noise === noise)!;
}

function columnsOf(what: string): string[] {
  return ["own", "other", "found, %"].map((measure) => `${what}: ${measure}`);
}

/** The cells of one kind of pairs: mean, and the deviation where there are several runs. */
function cellsOf(runs: readonly PairSimilarity[]): Cell[] {
  const cell = (values: readonly number[], digits: number) => {
    const { mean, spread } = meanAndSpread(values);
    return mean.toFixed(digits) + (values.length > 1 ? ` +- ${spread.toFixed(digits)}` : "");
  };
  return [
    cell(runs.map(({ own }) => own), 3),
    cell(runs.map(({ other }) => other), 3),
    cell(runs.map(({ found }) => found), 1),
  ];
}

/** The map of a phi. */
function mapOf(row: StudyRow): StudySection[] {
  const map = measuresOf(row)[0].map;
  if (!map) return [];
  const { text, image, variance } = map, share = (at: 0 | 1) => `${(100 * variance[at]).toFixed(0)} % of the variance`;
  const title = `Pseudo-tokens of captions and of images: ${row.clip}, ${row.phi}`;
  return [{
    title: `On a plane: ${row.clip}, ${row.phi}`,
    note: `${text.x.length} references, without noise, at unit length; a line joins the two of one reference.`,
    shows: figure({
      ...{ kind: "scatter", joined: true, title },
      ...{ xTitle: `first principal component, ${share(0)}`, yTitle: `second, ${share(1)}` },
      series: [
        { name: "phi(caption)", x: [...text.x], y: [...text.y] },
        { name: "phi(image)", x: [...image.x], y: [...image.y] },
      ],
    }),
  }];
}
