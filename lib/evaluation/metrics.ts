/**
 * The figures of each benchmark, exactly as its protocol defines them, in percent.
 *
 * A query that was skipped, or whose target is missing, counts as a miss and is not left out of the mean, so that
 * missing images cannot raise a figure.
 */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { circoAspects } from "../benchmarks/circo.ts";
import { averagePrecision, trapezoidalAveragePrecision } from "./average_precision.ts";
import { matchFault } from "./match_results.ts";
import { bestRank, type RankingResult } from "./rank_part.ts";

/** Figures by name, in percent. */
export type Metrics = Record<string, number>;

/**
 * Returns the share of ranks that are at most `k`, in percent; NaN for an empty list.
 *
 * @param ranks rank of the target of each query, counted from 1; null or infinite counts as a miss
 * @example
 * ```ts
 * import { recallAt } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(recallAt([1, 4, 12, null], 10), 50);
 * ```
 */
export function recallAt(ranks: readonly (number | null)[], k: number): number {
  return 100 * ranks.filter((rank) => rank !== null && rank <= k).length / ranks.length;
}

/**
 * Computes the figures of one part, percent.
 * @param results one for each query of the part, in their order
 * @throws {Error} if its targets are not public, the results are not those of its queries, or a figure lies outside 0
 *   to 100
 */
export function partMetrics(part: BenchmarkPart, results: readonly RankingResult[]): Metrics {
  if (part.queries.every(({ targets }) => targets.length === 0)) {
    throw new Error(
      `Scoring ${part.benchmark} ${part.split} failed: its targets are not public; make a submission for its server.`,
    );
  }
  const fault = matchFault([part], results);
  if (fault !== undefined) throw new Error(`Scoring ${part.benchmark} ${part.split} failed: ${fault}.`);
  const metrics = protocolMetrics(part, results);
  const impossible = Object.entries(metrics).find(([, value]) => !(value >= 0 && value <= 100 + 1e-9));
  if (impossible) {
    throw new Error(
      `Scoring ${part.benchmark} ${part.split} failed: ${impossible[0]} is ${
        impossible[1]
      } percent, which no protocol ` +
        "allows; please report this error with the annotation files.",
    );
  }
  return metrics;
}

/** Computes the figures of one part as {@linkcode partMetrics}, without its checks: for samples of checked results. */
export function protocolMetrics(part: BenchmarkPart, results: readonly RankingResult[]): Metrics {
  switch (part.benchmark) {
    case "cirr": {
      const metrics = { ...recalls(results, [1, 5, 10, 50]), ...groupRecalls(results, [1, 2, 3]) };
      return { ...metrics, "(R@5 + Rs@1) / 2": (metrics["R@5"] + metrics["Rs@1"]) / 2 };
    }
    case "fashioniq":
      return recalls(results, [10, 50]);
    case "genecis":
      return recalls(results, [1, 2, 3]);
    case "circo":
      return circoMetrics(part, results);
    case "coco": {
      const ks = [1, 5, 10, 50, 100], back = results.map(({ queryRank }) => queryRank ?? null);
      const backwards = ks.map((k): [string, number] => [`R@${k}, image to query`, recallAt(back, k)]);
      return { ...recalls(results, ks), ...Object.fromEntries(backwards) };
    }
    case "scenes":
      return scenesMetrics(results);
    case "icir":
      return icirMetrics(part, results);
    default:
      return recalls(results, [1, 5, 10]);
  }
}

/**
 * Computes the mean and the median rank of COCO's targets, and of its queries for their targets, counted from 1; of an
 * even number of ranks the median is rounded down, as in the released program. These are no percentages: lower is better.
 *
 * A query that was skipped, or whose target is missing, counts as ranked last.
 *
 * @returns undefined for a benchmark whose protocol has no such figures
 */
export function rankStatistics(
  part: Pick<BenchmarkPart, "bothDirections" | "gallery" | "queries">,
  results: readonly RankingResult[],
): Record<string, number> | undefined {
  if (!part.bothDirections) return undefined;
  const statistics = (ranks: number[], direction: string): [string, number][] => {
    const sorted = ranks.toSorted((a, b) => a - b), half = sorted.length / 2;
    const median = Math.floor((sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2);
    return [
      [`mean rank${direction}`, ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length],
      [`median rank${direction}`, median],
    ];
  };
  return Object.fromEntries([
    ...statistics(results.map(({ ranks }) => ranks[0] ?? part.gallery.length), ""),
    ...statistics(results.map(({ queryRank }) => queryRank ?? part.queries.length), ", image to query"),
  ]);
}

/** Computes the mean of each figure over parts, which have the same figures. */
export function meanMetrics(parts: readonly Metrics[]): Metrics {
  const names = Object.keys(parts[0]);
  const mean = (name: string) => parts.reduce((sum, metrics) => sum + metrics[name], 0) / parts.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)]));
}

function recalls(results: readonly RankingResult[], ks: readonly number[]): Metrics {
  const ranks = results.map(({ ranks }) => ranks[0]);
  return Object.fromEntries(ks.map((k) => [`R@${k}`, recallAt(ranks, k)]));
}

function groupRecalls(results: readonly RankingResult[], ks: readonly number[]): Metrics {
  const ranks = results.map(({ groupRank }) => groupRank ?? null);
  return Object.fromEntries(ks.map((k) => [`Rs@${k}`, recallAt(ranks, k)]));
}

/** Computes CIRCO's figures: mAP over all targets, recall of the annotated target alone, mAP@10 by semantic aspect. */
function circoMetrics(part: BenchmarkPart, results: readonly RankingResult[]): Metrics {
  const ks = [5, 10, 25, 50];
  const mAP = (chosen: readonly RankingResult[], k: number) =>
    100 * chosen.reduce((sum, { ranks }) => sum + averagePrecision(ranks, k), 0) / chosen.length;
  const aspects = circoAspects.map((aspect): [string, number] => [
    `mAP@10, ${aspect}`,
    mAP(results.filter((_, i) => part.queries[i].aspects?.includes(aspect)), 10),
  ]);
  return {
    ...Object.fromEntries(ks.map((k) => [`mAP@${k}`, mAP(results, k)])),
    ...recalls(results, ks),
    ...Object.fromEntries(aspects.filter(([, value]) => !Number.isNaN(value))),
  };
}

/**
 * Computes i-CIR's figures, named as its released program prints them: the mean average precision over all queries (mAP),
 * and the means over instances of the mean (mmAP, also called macro mAP) and of the least (minmAP) of their queries.
 */
function icirMetrics(part: BenchmarkPart, results: readonly RankingResult[]): Metrics {
  const precisions = results.map(({ ranks }) => trapezoidalAveragePrecision(ranks));
  const byInstance = [...Map.groupBy(precisions.keys(), (at) => part.queries[at].gallery).values()]
    .map((own) => own.map((at) => precisions[at]));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mAP: 100 * mean(precisions),
    mmAP: 100 * mean(byInstance.map(mean)),
    minmAP: 100 * mean(byInstance.map((own) => own.reduce((least, value) => Math.min(least, value)))),
  };
}

/**
 * Computes the figures of scenes, whose queries have two correct images each: hit@k, the share of queries that have one of
 * them among the first k, and mAP.
 */
function scenesMetrics(results: readonly RankingResult[]): Metrics {
  const best = results.map(bestRank),
    mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  return {
    ...Object.fromEntries([1, 5, 10].map((k) => [`hit@${k}`, recallAt(best, k)])),
    ...Object.fromEntries(
      [5, 10].map((k) => [`mAP@${k}`, 100 * mean(results.map(({ ranks }) => averagePrecision(ranks, k)))]),
    ),
  };
}
