/** The gain of one row over another. */
import type { PairedInterval } from "../evaluation/bootstrap.ts";
import { random } from "../tensors/random.ts";
import { runsInterval } from "./runs_bootstrap.ts";
import { scoresOf, type StudyRow } from "./study_rows.ts";
import type { TestbedBenchmark } from "./testbed.ts";

/** Seed and number of the bootstrap's draws. */
const seed = 1, draws = 2000;

/** What a gain is computed on. */
type Measured = Pick<TestbedBenchmark, "name" | "queries">;

/** Gains that were computed, by the rows before and after, then by benchmark: tables, files and claims share them. */
const known = new WeakMap<StudyRow, WeakMap<StudyRow, WeakMap<Measured, { gain: PairedInterval | undefined }>>>();

/** Computes the gain of a row over another on a benchmark; undefined if one of them has no scores there. */
export function gainOver(
  before: StudyRow,
  after: StudyRow,
  on: Pick<TestbedBenchmark, "name" | "queries">,
): PairedInterval | undefined {
  const ofBefore = known.get(before) ?? new WeakMap(), ofBoth = ofBefore.get(after) ?? new WeakMap();
  known.set(before, ofBefore.set(after, ofBoth));
  const found = ofBoth.get(on) ?? { gain: computeGain(before, after, on) };
  ofBoth.set(on, found);
  return found.gain;
}

function computeGain(before: StudyRow, after: StudyRow, { name, queries }: Measured): PairedInterval | undefined {
  const [first, second] = [before, after].map((row) => scoresOf(row, name).map(({ scores }) => scores));
  if (first.length === 0 || second.length === 0) return undefined;
  return runsInterval({ queries, before: first, after: second }, draws, random(seed));
}
