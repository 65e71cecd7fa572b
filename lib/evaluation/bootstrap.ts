/** Bootstrap intervals, among them those of differences between two systems on the same queries. */
import type { Random } from "../tensors/random.ts";

/** The scores of two systems on one query, and the groups that the query belongs to. */
export interface PairedScore {
  /** Score of the first system, in [0, 1]: a hit, a share of hits over several runs, or an average precision. */
  before: boolean | number;
  /** Score of the second system, in [0, 1]. */
  after: boolean | number;
  /** Stratum of the query, such as its part: means are taken within each stratum, then over strata. */
  stratum: string;
  /** Cluster of the query: similar queries, such as those of one family, are resampled together. */
  cluster: string;
}

/** A difference with its 95 % interval, in percentage points. */
export interface PairedInterval {
  /** Mean over strata of `after - before`. */
  difference: number;
  /** Lower end of the interval. */
  low: number;
  /** Upper end of the interval. */
  high: number;
}

/** A 95 % interval, in the unit of the figure. */
export interface Interval {
  /** Its lower end. */
  low: number;
  /** Its upper end. */
  high: number;
}

/** Returns the 95 % percentile interval of bootstrap samples, which are sorted in place. */
export function percentileInterval(samples: number[]): Interval {
  samples.sort((a, b) => a - b);
  const at = (share: number) => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))];
  return { low: at(0.025), high: at(0.975) };
}

/**
 * Computes the mean difference between two systems with its 95 % interval, by a paired bootstrap: within each stratum,
 * clusters are drawn with replacement; the figure is the mean over strata of `after - before`.
 *
 * @param scores of both systems on every query
 * @param draws number of bootstrap samples, such as 2000
 * @param rng draws the samples
 * @example
 * ```ts
 * import { pairedBootstrap, random } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * const scores = ["a", "b", "c"].map((cluster) => ({ before: false, after: true, stratum: "all", cluster }));
 * assertEquals(pairedBootstrap(scores, 100, random(1)), { difference: 100, low: 100, high: 100 });
 * ```
 */
export function pairedBootstrap(scores: readonly PairedScore[], draws: number, rng: Random): PairedInterval {
  const strata = new Map<string, Map<string, { sum: number; count: number }>>();
  for (const { before, after, stratum, cluster } of scores) {
    const clusters = strata.get(stratum) ?? new Map();
    strata.set(stratum, clusters);
    const cell = clusters.get(cluster) ?? { sum: 0, count: 0 };
    cell.sum += Number(after) - Number(before);
    cell.count++;
    clusters.set(cluster, cell);
  }
  const cells = [...strata.values()].map((clusters) => [...clusters.values()]);
  const figure = (chosen: { sum: number; count: number }[][]) => {
    const means = chosen.map((group) => {
      const count = group.reduce((total, cell) => total + cell.count, 0);
      return group.reduce((total, cell) => total + cell.sum, 0) / count;
    });
    return 100 * means.reduce((total, mean) => total + mean, 0) / means.length;
  };
  const samples = Array.from(
    { length: draws },
    () => figure(cells.map((group) => group.map(() => group[rng.int(group.length)]))),
  );
  return { difference: figure(cells), ...percentileInterval(samples) };
}
