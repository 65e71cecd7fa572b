/** When refined batches help: with near neighbours in a batch, and without. */
import { interval } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import { cleanText, type Triplet } from "../triplets/triplet.ts";
import { gainOver } from "./gain.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { RtdTraining, Study, StudyContext, StudySection, Variant } from "./study.ts";
import type { StudyRows } from "./study_rows.ts";

/** Triplets a step: the same for all variants, few enough that no two of a batch need be near. */
const mostTriplets = 32;

/** Batches that are looked into. */
const batches = 20;

/** RTD with and without refined batches, by what a batch holds; beyond the paper. */
export const refinedBatches: Study = {
  name: "refined-batches",
  title: "When refined batches help",
  asks:
    "Do the negatives of refined batches (RB) matter where a batch holds near neighbours of a reference, or where it holds none?",
  clips: "first",
  phis: "first",
  lacks: ({ batchSources }) =>
    batchSources ? [] : [{
      what: "batches with siblings and without",
      reason: "it is not known which of the testbed's triplets are near neighbours; the embedded testbeds make both",
    }],
  variants: ({ testbed, recipe }: StudyContext) => {
    const batch = batchOf(recipe.batch);
    const names = [...testbed.tripletSources.slice(0, 1), ...testbed.batchSources ?? []].map(({ name }) => name);
    const training = (name: string, changes: Partial<RtdRecipe>): RtdTraining => ({
      ...{ method: "RTD", triplets: [name] },
      changes: { batch, refinedBatches: false, ...changes },
    });
    return names.flatMap((name, i): Variant[] => [
      { name: withoutRb(name), training: training(name, {}) },
      { name: withRb(name), training: training(name, { refinedBatches: true }), against: withoutRb(name) },
      // As many pairs as RB makes of the triplets.
      ...(i === 0
        ? [{ name: twice(name), training: training(name, { batch: 2 * batch }), against: withoutRb(name) }]
        : []),
    ]);
  },
  more: async (result) => [...gainSection(result), await nearnessSection(result)],
};

function withRb(name: string): string {
  return `${name}, RB`;
}

function withoutRb(name: string): string {
  return `${name}, no RB`;
}

function twice(name: string): string {
  return `${name}, no RB, twice the triplets`;
}

function batchOf(whole: number): number {
  return Math.min(whole, mostTriplets);
}

/** The gain of RB on every benchmark, by source: one that keeps the reference in its gallery tells what the others cannot. */
function gainSection({ rows, testbed: { benchmarks } }: StudyRows): StudySection[] {
  const lines = rows.filter(({ against }) => against?.endsWith(withoutRb(""))).map((row): Cell[] => [
    row.variant,
    ...benchmarks.map((benchmark) => {
      const gain = row.reference && gainOver(row.reference, row, benchmark);
      return gain && interval(gain);
    }),
  ]).filter(([, ...gains]) => gains.some((gain) => gain !== undefined));
  if (lines.length === 0) return [];
  return [{
    title: "The gain of refined batches, and of twice the triplets, on every benchmark",
    note:
      "Over the same batches without RB, paired 95 %. RB adds reference captions as negatives, so that a query does not stay " +
      "at its reference: what it is worth is to be seen where the reference, or another image of the same, is ranked too. They also " +
      "double the pairs of a step, as twice the triplets do.",
    shows: table(["batches of", ...benchmarks.map(({ name, headline }) => `${name}, ${headline}`)], lines),
  }];
}

/** How near the captions of a batch are, by source. */
async function nearnessSection({ testbed, recipe }: StudyRows): Promise<StudySection> {
  const batch = batchOf(recipe.batch), rows: Cell[][] = [];
  for (const { name, triplets } of [...testbed.tripletSources.slice(0, 1), ...testbed.batchSources ?? []]) {
    const sampler = (await triplets())(1);
    const each = Array.from({ length: batches }, () => batchNearness(sampler.next(batch)));
    const mean = (key: keyof BatchNearness) => each.reduce((sum, one) => sum + one[key], 0) / batches;
    rows.push([name, ...(["target", "ownReference", "otherReference"] as const).map((key) => mean(key).toFixed(2))]);
  }
  return {
    title: "How near the captions of a batch are",
    note:
      `Shared words of a target caption with another caption (their number by that of all words of both, 0 to 1): ` +
      `means over ${batches} batches of ${batch} triplets. Targets of other triplets are negatives in any case, the two ` +
      "kinds of references with RB alone.",
    shows: table(["batches of", "nearest other target", "own reference", "nearest other reference"], rows),
  };
}

/** Means over the triplets of a batch, 0 to 1. */
export interface BatchNearness {
  /** Shared words with the nearest target of another triplet. */
  target: number;
  /** Shared words with the reference of the same triplet. */
  ownReference: number;
  /** Shared words with the nearest reference of another triplet. */
  otherReference: number;
}

/** Measures how near the target captions of a batch are to its other captions, by shared words. */
export function batchNearness(triplets: readonly Triplet[]): BatchNearness {
  const wordsOf = (text: string) => new Set(cleanText(text).split(/\s+/));
  const targets = triplets.map(({ target }) => wordsOf(target));
  const references = triplets.map(({ reference }) => wordsOf(reference));
  const shared = (a: Set<string>, b: Set<string>) => a.intersection(b).size / a.union(b).size;
  const nearest = (i: number, among: readonly Set<string>[]) =>
    Math.max(0, ...among.filter((_, at) => at !== i).map((one) => shared(targets[i], one)));
  const mean = (value: (i: number) => number) =>
    targets.reduce((sum, _, i) => sum + value(i), 0) / Math.max(1, targets.length);
  return {
    target: mean((i) => nearest(i, targets)),
    ownReference: mean((i) => shared(targets[i], references[i])),
    otherReference: mean((i) => nearest(i, references)),
  };
}
