/** Reads, writes and compares ranking results, stored as JSON lines with one query a line. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { filePath, type Path } from "../io/path.ts";
import { readText } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";
import { random } from "../tensors/random.ts";
import { type Interval, pairedBootstrap, type PairedInterval, percentileInterval } from "./bootstrap.ts";
import { averagePrecision, trapezoidalAveragePrecision } from "./average_precision.ts";
import { type Metrics, partMetrics, protocolMetrics } from "./metrics.ts";
import { bestRank, type RankingResult } from "./rank_part.ts";

/** Formats results as JSON lines. */
export function resultsText(results: readonly RankingResult[]): string {
  return results.map((result) => JSON.stringify(result) + "\n").join("");
}

/**
 * Reads results from a file of JSON lines.
 * @throws {Error} if it has no line, a line is no result, a rank is neither null nor 1 or more or is given
 *   twice, or a query occurs twice
 */
export async function readResults(path: Path): Promise<RankingResult[]> {
  const file = filePath(path);
  return parseResults(await readText("results", file), file);
}

/** Parses results in JSON lines. @param file for error messages @throws {Error} as {@linkcode readResults} */
export function parseResults(text: string, file: string): RankingResult[] {
  const seen = new Set<string>();
  const results = text.split("\n").filter((line) => line !== "").map((line, i) => {
    // Version 0.1 called `skipped` "unasked".
    let row: RankingResult & { unasked?: string };
    try {
      row = Object(JSON.parse(line));
    } catch {
      throw new Error(`Reading results failed: line ${i + 1} of ${file} is not JSON.`);
    }
    const { unasked, ...result } = row;
    const wrong = faultOf(result);
    if (wrong) throw new Error(`Reading results failed: line ${i + 1} of ${file} ${wrong}.`);
    const key = `${result.part}/${result.query}`;
    if (seen.size === seen.add(key).size) {
      throw new Error(
        `Reading results failed: line ${i + 1} of ${file} is a second result of the query ${shown(key)}.`,
      );
    }
    return unasked === undefined ? result : { ...result, skipped: unasked };
  });
  if (results.length === 0) throw new Error(`Reading results failed: ${file} has no line; run \`evaluate\` again.`);
  return results;
}

function faultOf(
  { part, query, gallery = "", ranks, top, groupRank = null, queryRank = null }: Partial<RankingResult>,
): string | undefined {
  if (typeof part !== "string" || typeof query !== "string" || !Array.isArray(ranks) || !Array.isArray(top)) {
    return "is no ranking result: it needs part, query, ranks and top";
  }
  if (typeof gallery !== "string") return `has the gallery ${shown(gallery)}, which is no name`;
  const rank = [...ranks, groupRank, queryRank].find((rank) =>
    rank !== null && !(Number.isSafeInteger(rank) && rank >= 1)
  );
  if (rank !== undefined) return `has the rank ${shown(rank)}; ranks are counted from 1, or null`;
  const found = ranks.filter((rank) => rank !== null);
  if (new Set(found).size < found.length) return "gives a rank twice; each correct image has its own";
}

/** The draws of a bootstrap. */
export interface BootstrapOptions {
  /** Seed of the draws; 1 by default. */
  seed?: number;
  /** Number of bootstrap samples; 1000 by default, 2000 in a comparison. */
  draws?: number;
}

/**
 * Computes 95 % intervals of a part's figures by bootstrap over its queries; where queries share one of several
 * galleries (i-CIR's instances), over the galleries, with all queries of each.
 *
 * @param results one for each query of the part, in their order
 * @throws {Error} if the part's targets are not public, or the results are not those of its queries
 */
export function metricIntervals(
  part: BenchmarkPart,
  results: readonly RankingResult[],
  { seed = 1, draws = 1000 }: BootstrapOptions = {},
): Record<string, Interval> {
  partMetrics(part, results); // checks them once; a thousand samples of them need no check
  const rng = random(seed), samples: Record<string, number[]> = {};
  const clusters = part.galleries
    ? [...Map.groupBy(results.keys(), (at) => part.queries[at].gallery).values()]
    : results.map((_, at) => [at]);
  for (let draw = 0; draw < draws; draw++) {
    const chosen = clusters.map(() => clusters[rng.int(clusters.length)]), at = chosen.flat();
    // A gallery that is drawn twice counts as two.
    const queries = part.galleries
      ? chosen.flatMap((own, i) => own.map((at) => ({ ...part.queries[at], gallery: String(i) })))
      : at.map((at) => part.queries[at]);
    const drawn: Metrics = protocolMetrics({ ...part, queries }, at.map((at) => results[at]));
    for (const [name, value] of Object.entries(drawn)) (samples[name] ??= []).push(value);
  }
  return Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, percentileInterval(list)]));
}

/** Comparison of two systems on the same queries. */
export interface Comparison {
  /** The metric that is compared. */
  metric: string;
  /** Number of queries. */
  queries: number;
  /** Figure of the first system, percent. */
  before: number;
  /** Figure of the second system, percent. */
  after: number;
  /** The difference with its 95 % interval, percentage points. */
  interval: PairedInterval;
  /** Queries, as "part/id", whose score is higher with the second system. */
  won: string[];
  /** Queries, as "part/id", whose score is higher with the first system. */
  lost: string[];
  /** Two-sided p-value of the sign test on `won` and `lost`. */
  signTest: number;
}

/** Options of {@linkcode compareResults}. */
export interface CompareOptions extends BootstrapOptions {
  /** Results of the first system. */
  before: readonly RankingResult[];
  /** Results of the second system, on the same queries. */
  after: readonly RankingResult[];
  /** "R@k", "Rs@k" (CIRR's subset), "mAP@k", or "mAP" (i-CIR's, over the whole ranking). */
  metric: string;
}

/**
 * Compares the results of two systems query by query. Queries of one gallery of several (i-CIR's instances) are drawn
 * together for the interval.
 *
 * @throws {Error} if there are no results, both do not have the same queries, a query has no public targets, no query
 *   has the rank that the metric is of, or the metric is unknown
 */
export function compareResults(
  { before, after, metric, seed = 1, draws = 2000 }: CompareOptions,
): Comparison {
  const score = scoreOf(metric), key = ({ part, query }: RankingResult) => `${part}/${query}`;
  const others = new Map(after.map((result) => [key(result), result]));
  const alone = before.find((result) => !others.has(key(result)));
  if (alone || before.length !== after.length) {
    throw new Error(
      `Comparing results failed: the files hold ${before.length} and ${after.length} queries` +
        (alone ? `, and "${key(alone)}" is in the first only.` : "."),
    );
  }
  const secret = [...before, ...after].find(({ ranks }) => ranks.length === 0);
  if (secret) {
    throw new Error(
      `Comparing results failed: ${shown(key(secret))} has no ranks; compare a split whose targets are public.`,
    );
  }
  // A query that was skipped has no rank within its group, so one that has it shows that it was measured.
  const measured = [before, after].every((list) => list.some(({ groupRank }) => groupRank !== undefined));
  if (before.length === 0 || (metric.startsWith("Rs@") && !measured)) {
    throw new Error(
      `Comparing results failed: ${
        before.length === 0 ? "there are no results" : `no query has a rank within a group, of which "${metric}" is`
      }; compare results of a benchmark that has them.`,
    );
  }
  const pairs = before.map((result) => ({
    key: key(result),
    part: result.part,
    cluster: result.gallery === undefined ? key(result) : `${result.part}/gallery ${result.gallery}`,
    a: score(result),
    b: score(others.get(key(result))!),
  }));
  const won = pairs.filter(({ a, b }) => b > a).map(({ key }) => key);
  const lost = pairs.filter(({ a, b }) => b < a).map(({ key }) => key);
  const parts = [...new Set(pairs.map(({ part }) => part))];
  const mean = (side: "a" | "b") =>
    100 * parts.reduce((sum, part) => {
      const own = pairs.filter((pair) => pair.part === part);
      return sum + own.reduce((total, pair) => total + pair[side], 0) / own.length;
    }, 0) / parts.length;
  const scores = pairs.map(({ cluster, part, a, b }) => ({ before: a, after: b, stratum: part, cluster }));
  return {
    metric,
    queries: pairs.length,
    before: mean("a"),
    after: mean("b"),
    interval: pairedBootstrap(scores, draws, random(seed)),
    won,
    lost,
    signTest: signTest(won.length, lost.length),
  };
}

/** Returns the score, 0 to 1, that a metric gives to one query. @throws {Error} if the metric is unknown */
export function scoreOf(metric: string): (result: RankingResult) => number {
  if (metric === "mAP") return ({ ranks }) => trapezoidalAveragePrecision(ranks);
  const [, name, text] = metric.match(/^(R|Rs|mAP|hit)@([1-9]\d*)$/) ?? [];
  const k = Number(text), within = (rank: number | null | undefined) => Number(typeof rank === "number" && rank <= k);
  switch (name) {
    case "R":
      return ({ ranks }) => within(ranks[0]);
    case "Rs":
      return ({ groupRank }) => within(groupRank);
    case "mAP":
      return ({ ranks }) => averagePrecision(ranks, k);
    case "hit":
      return (result) => within(bestRank(result));
    default:
      throw new Error(`Comparing results failed: the metric "${metric}" is none of R@k, Rs@k, mAP@k, hit@k, mAP.`);
  }
}

/** Returns the two-sided p-value of the sign test: the probability that fair coins divide at least as unevenly. */
export function signTest(won: number, lost: number): number {
  const n = won + lost, most = Math.max(won, lost);
  let logChoose = 0, tail = 0;
  // From n out of n down to the larger side: C(n, k) / 2^n, in logarithms.
  for (let k = n; k >= most; k--) {
    if (k < n) logChoose += Math.log((k + 1) / (n - k));
    tail += Math.exp(logChoose - n * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}
