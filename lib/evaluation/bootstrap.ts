/** How sure a difference between two systems is that answered the same queries. */
import type { Random } from "../training/random.ts";

/** One query: whether each system answered it, or how often of several runs, and what it is grouped by. */
export interface PairedOutcome {
  before: boolean | number;
  after: boolean | number;
  /** The mean is taken within each stratum, then over strata. */
  stratum: string;
  /** Queries of one cluster resemble each other and are drawn together. */
  cluster: string;
}

/** A difference in percentage points with its interval of 95 %. */
export interface PairedInterval {
  difference: number;
  low: number;
  high: number;
}

/**
 * Paired bootstrap: within each stratum, clusters are drawn with replacement; the figure is the mean over strata of
 * `after - before`.
 */
export function pairedBootstrap(outcomes: readonly PairedOutcome[], draws: number, rng: Random): PairedInterval {
  const strata = new Map<string, Map<string, { sum: number; count: number }>>();
  for (const { before, after, stratum, cluster } of outcomes) {
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
  const sampled = Array.from(
    { length: draws },
    () => figure(cells.map((group) => group.map(() => group[rng.int(group.length)]))),
  ).sort((a, b) => a - b);
  const at = (share: number) => sampled[Math.min(draws - 1, Math.floor(share * draws))];
  return { difference: figure(cells), low: at(0.025), high: at(0.975) };
}
