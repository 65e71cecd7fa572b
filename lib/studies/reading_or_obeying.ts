/** What RTD's gain is made of: reading an image out of one pseudo-token, and obeying the conditioning text. */
import { interval } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import type { BareToken, Found } from "./bare_token.ts";
import { gainOver } from "./gain.ts";
import type { NamedQuery } from "./planned.ts";
import { frozenName, type Study, type StudySection, type Variant } from "./study.ts";
import { evaluationOf, type StudyRow, type StudyRows } from "./study_rows.ts";
import { meanAndSpread } from "./sweep.ts";

/** The reference in words, where nothing has to be read: as published, and in RTD's own prompt. */
const inWords: readonly NamedQuery[] = [
  { name: "caption and text", method: "caption + text" },
  { name: "caption in the prompt", method: "caption + text", caption: "in the template" },
];

const queries: readonly NamedQuery[] = [{}, ...inWords];

/** The fine-tunings: RTD, and one that trains each of its two tasks alone. */
const trained: readonly Variant[] = [
  { name: "RTD", training: { method: "RTD" } },
  // With refined batches, each of its pairs would be there twice, a negative of itself.
  { name: "trained to read alone", training: { method: "RTD", reads: true, changes: { refinedBatches: false } } },
  { name: "trained to obey alone", training: { method: "RTD", changes: { concatenation: "plain" } } },
];

/** Encoders that read, obey, or both, with queries in which there is something to read, or nothing; beyond the paper. */
export const readingOrObeying: Study = {
  name: "reading-or-obeying",
  title: "Reading an image, or obeying a text",
  asks:
    "How much of RTD's gain is that the encoder reads an image out of one pseudo-token, and how much that it obeys the conditioning text?",
  clips: "first",
  phis: "first",
  probes: ["bare pseudo-token"],
  variants: [
    { name: "frozen encoder", queries: inWords },
    ...trained.map((variant): Variant => ({ ...variant, queries })),
  ],
  more: (result) => [...gainSection(result), ...bareSection(result)],
};

/** Rows of an encoder in the order of the queries; those that were not run are missing. */
function rowOf(rows: readonly StudyRow[], variant: string, name: string | undefined): StudyRow | undefined {
  return rows.find((row) => row.variant === variant && row.query.name === name && row.last);
}

/** The gain of every encoder with every query. */
function gainSection({ rows, testbed }: StudyRows): StudySection[] {
  const [main] = testbed.benchmarks;
  const lines = trained.map(({ name }): Cell[] => {
    const gains = queries.map((query) => {
      const row = rowOf(rows, name, query.name), gain = row?.reference && gainOver(row.reference, row, main);
      return gain && interval(gain);
    });
    return [name, ...gains];
  }).filter(([, ...gains]) => gains.some((gain) => gain !== undefined));
  if (lines.length === 0) return [];
  return [{
    title: "The gain over the frozen encoder, by what a query leaves to read",
    note:
      `${main.headline} on ${main.name}, paired 95 %. With the pseudo-token there is an image to read and a text to ` +
      "obey; with the reference's caption in words there is only the text to obey. Trained to read alone: " +
      '"a photo of [$] that" has the reference caption as its target, and no text. Trained to obey alone: captions in ' +
      "words (plain concatenation), no pseudo-token.",
    shows: table(["encoder", "pseudo-token and text", ...inWords.map(({ name }) => name!)], lines),
  }];
}

/** What "a photo of [$]" finds. */
function bareSection({ rows }: StudyRows): StudySection[] {
  const probed = [frozenName, ...trained.map(({ name }) => name)].flatMap((name) => {
    const row = rowOf(rows, name, undefined), measured = row ? bareTokensOf(row) : [];
    return measured.length === 0 ? [] : [{ name, measured }];
  });
  if (probed.length === 0) return [];
  const [{ measured: [first] }] = probed, { references, gallery, sameIs, image } = first;
  const withCaptions = first.caption !== undefined;
  return [{
    title: 'What the bare pseudo-token finds: "a photo of [$]"',
    note:
      `Of ${references} references, the share for which an image that shows the same (${sameIs}) comes first among ` +
      `${gallery}, and the mean cosine with it. The reference image's own feature: ${image.first.toFixed(1)} %, ` +
      `${image.cosine.toFixed(3)}, whatever the text encoder.${
        withCaptions ? ' Caption: "a photo of" the reference\'s caption in words.' : ""
      }`,
    shows: table(
      ["encoder", "pseudo-token, %", "cosine", ...(withCaptions ? ["caption, %", "cosine"] : [])],
      probed.map(({ name, measured }): Cell[] => [
        name,
        ...cellsOf(measured.map(({ pseudoToken }) => pseudoToken)),
        ...(withCaptions ? cellsOf(measured.map(({ caption }) => caption!)) : []),
      ]),
    ),
  }];
}

/** What the runs of a row found, one a seed. */
function bareTokensOf(row: StudyRow): BareToken[] {
  return row.finished.map((run) => evaluationOf(row, run).probes?.bareToken).filter((one) => one !== undefined);
}

/** Mean, and the standard deviation where there are several runs. */
function cellsOf(runs: readonly Found[]): Cell[] {
  const cell = (values: readonly number[], digits: number) => {
    const { mean, spread } = meanAndSpread(values);
    return mean.toFixed(digits) + (values.length > 1 ? ` +- ${spread.toFixed(digits)}` : "");
  };
  return [cell(runs.map(({ first }) => first), 1), cell(runs.map(({ cosine }) => cosine), 3)];
}
