/** The gain of one row over another. */
import type { PairedInterval } from "../evaluation/bootstrap.ts";
import { random } from "../tensors/random.ts";
import { runsInterval } from "./runs_bootstrap.ts";
import { scoresOf, type StudyRow } from "./study_rows.ts";
import type { TestbedBenchmark } from "./testbed.ts";

/** Seed and number of the bootstrap's draws. */
const seed = 1, draws = 2000;

/** Computes the gain of a row over another on a benchmark; undefined if one of them has no scores there. */
export function gainOver(
  before: StudyRow,
  after: StudyRow,
  { name, queries }: Pick<TestbedBenchmark, "name" | "queries">,
): PairedInterval | undefined {
  const [first, second] = [before, after].map((row) => scoresOf(row, name).map(({ scores }) => scores));
  if (first.length === 0 || second.length === 0) return undefined;
  return runsInterval({ queries, before: first, after: second }, draws, random(seed));
}
