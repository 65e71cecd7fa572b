/** Paired intervals of systems that were trained several times: over seeds and queries. */
import { type PairedInterval, percentileInterval } from "../evaluation/bootstrap.ts";
import type { Random } from "../tensors/random.ts";
import type { CountedQuery } from "./testbed.ts";

/** Two systems on the same queries. */
export interface PairedRuns {
  /** The queries, in the order of the scores. */
  queries: readonly CountedQuery[];
  /** For each run of the first system, the score of each query, 0 to 1. */
  before: readonly (readonly number[])[];
  /** The same for the second system. */
  after: readonly (readonly number[])[];
}

/**
 * Computes the mean difference between two systems, in percentage points, with its 95 % interval by a paired bootstrap:
 * in each draw seeds are drawn with replacement and, within each stratum, clusters of queries; the figure is the mean
 * over strata of `after - before`. Two systems with as many runs have the same seeds, which are drawn together. The few
 * seeds of a study make the interval a little too narrow.
 *
 * @param draws number of bootstrap samples
 * @throws {Error} if there are no runs, or scores are not one for each query
 */
export function runsInterval(
  { queries, before, after }: PairedRuns,
  draws: number,
  rng: Random,
): PairedInterval {
  const wrong = [...before, ...after].find(({ length }) => length !== queries.length);
  if (wrong || before.length === 0 || after.length === 0) {
    throw new Error(
      `Comparing runs failed: there are ${before.length} and ${after.length} runs, and ` +
        (wrong
          ? `one has ${wrong.length} scores of ${queries.length} queries; are they of one benchmark?`
          : "both need one."),
    );
  }
  const strata = [...Map.groupBy(queries.keys(), (at) => queries[at].stratum).values()]
    .map((indices) => [...Map.groupBy(indices, (at) => queries[at].cluster).values()]);
  /** Sums of the scores of each cluster, by run; the size of each cluster. */
  const sums = (runs: PairedRuns["before"]) =>
    strata.map((clusters) =>
      clusters.map((indices) => runs.map((scores) => indices.reduce((sum, at) => sum + scores[at], 0)))
    );
  const first = sums(before), second = sums(after);
  const figure = (chosen: number[][], ofFirst: number[], ofSecond: number[]) => {
    const means = chosen.map((clusters, stratum) => {
      // Summed apart and divided last: equal systems differ by nothing at all.
      let one = 0, other = 0, count = 0;
      for (const at of clusters) {
        for (const run of ofFirst) one += first[stratum][at][run];
        for (const run of ofSecond) other += second[stratum][at][run];
        count += strata[stratum][at].length;
      }
      return (other / ofSecond.length - one / ofFirst.length) / count;
    });
    return 100 * means.reduce((total, mean) => total + mean, 0) / means.length;
  };
  const all = (count: number) => [...Array(count).keys()];
  const drawn = (count: number) => all(count).map(() => rng.int(count));
  const together = before.length === after.length;
  const samples = Array.from({ length: draws }, () => {
    const ofSecond = drawn(after.length), ofFirst = together ? ofSecond : drawn(before.length);
    return figure(strata.map((clusters) => drawn(clusters.length)), ofFirst, ofSecond);
  });
  const difference = figure(strata.map((clusters) => all(clusters.length)), all(before.length), all(after.length));
  return { difference, ...percentileInterval(samples) };
}
