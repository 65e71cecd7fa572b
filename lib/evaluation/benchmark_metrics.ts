/**
 * The figures of each benchmark, exactly as its protocol defines them, in percent.
 *
 * A query that was not asked, or whose target is missing, counts as a miss: nothing that is missing can raise a figure
 * by being left out of the mean.
 */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { circoAspects } from "../benchmarks/circo.ts";
import type { QueryAnswer } from "./benchmark_ranking.ts";

/** Figures by name. */
export type Metrics = Record<string, number>;

/** Figures of one part. @throws {Error} if its answers are secret */
export function partMetrics(part: BenchmarkPart, answers: readonly QueryAnswer[]): Metrics {
  if (part.queries.every(({ targets }) => targets.length === 0)) {
    throw new Error(
      `Scoring ${part.benchmark} ${part.split} failed: its answers are secret; make a submission for its server instead.`,
    );
  }
  switch (part.benchmark) {
    case "cirr": {
      const metrics = { ...recalls(answers, [1, 5, 10, 50]), ...groupRecalls(answers, [1, 2, 3]) };
      return { ...metrics, "(R@5 + Rs@1) / 2": (metrics["R@5"] + metrics["Rs@1"]) / 2 };
    }
    case "fashioniq":
      return recalls(answers, [10, 50]);
    case "genecis":
      return recalls(answers, [1, 2, 3]);
    case "coco":
      return recalls(answers, [1, 5, 10]);
    case "circo":
      return circoMetrics(part, answers);
  }
}

/** Means over parts of the figures that all of them have, for benchmarks of several parts. */
export function meanMetrics(parts: readonly Metrics[]): Metrics {
  const names = Object.keys(parts[0]);
  const mean = (name: string) => parts.reduce((sum, metrics) => sum + metrics[name], 0) / parts.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)]));
}

function recalls(answers: readonly QueryAnswer[], ks: readonly number[]): Metrics {
  return shares(answers.map(({ ranks }) => ranks[0]), ks, "R");
}

function groupRecalls(answers: readonly QueryAnswer[], ks: readonly number[]): Metrics {
  return shares(answers.map(({ groupRank }) => groupRank ?? null), ks, "Rs");
}

function shares(ranks: readonly (number | null)[], ks: readonly number[], name: string): Metrics {
  const within = (k: number) => 100 * ranks.filter((rank) => rank !== null && rank <= k).length / ranks.length;
  return Object.fromEntries(ks.map((k) => [`${name}@${k}`, within(k)]));
}

/**
 * Average precision at k: the precision at the place of each answer among the first k, summed, over
 * `min(number of answers, k)`. @param ranks of all answers
 */
export function averagePrecision(ranks: readonly (number | null)[], k: number): number {
  const found = ranks.filter((rank) => rank !== null && rank <= k).sort((a, b) => a! - b!) as number[];
  return found.reduce((sum, rank, i) => sum + (i + 1) / rank, 0) / Math.min(ranks.length, k);
}

/** mAP over all answers, recall over the annotated target alone, mAP@10 by semantic aspect. */
function circoMetrics(part: BenchmarkPart, answers: readonly QueryAnswer[]): Metrics {
  const ks = [5, 10, 25, 50];
  const mAP = (chosen: readonly QueryAnswer[], k: number) =>
    100 * chosen.reduce((sum, { ranks }) => sum + averagePrecision(ranks, k), 0) / chosen.length;
  const aspects = circoAspects.map((aspect): [string, number] => [
    `mAP@10, ${aspect}`,
    mAP(answers.filter((_, i) => part.queries[i].aspects?.includes(aspect)), 10),
  ]);
  return {
    ...Object.fromEntries(ks.map((k) => [`mAP@${k}`, mAP(answers, k)])),
    ...recalls(answers, ks),
    ...Object.fromEntries(aspects.filter(([, value]) => !Number.isNaN(value))),
  };
}
