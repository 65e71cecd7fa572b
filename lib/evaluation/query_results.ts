/** Answers query by query, as JSON lines: what makes two methods comparable long after they ran. */
import { readText } from "../formats/read_file.ts";
import { random } from "../training/random.ts";
import { pairedBootstrap, type PairedInterval } from "./bootstrap.ts";
import { averagePrecision, type Metrics, partMetrics } from "./benchmark_metrics.ts";
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { QueryAnswer } from "./benchmark_ranking.ts";

/** Answers as JSON lines. */
export function answersText(answers: readonly QueryAnswer[]): string {
  return answers.map((answer) => JSON.stringify(answer) + "\n").join("");
}

/** Reads answers. @throws {Error} if a line is no answer, or a query stands twice */
export async function readAnswers(file: string): Promise<QueryAnswer[]> {
  const text = await readText("answers", file);
  const seen = new Set<string>();
  return text.split("\n").filter((line) => line !== "").map((line, i) => {
    let answer: QueryAnswer;
    try {
      answer = JSON.parse(line);
    } catch {
      throw new Error(`Reading answers failed: line ${i + 1} of ${file} is not JSON.`);
    }
    const key = `${answer.part}/${answer.query}`;
    if (!Array.isArray(answer.ranks) || !Array.isArray(answer.top) || seen.size === seen.add(key).size) {
      throw new Error(`Reading answers failed: line ${i + 1} of ${file} is no answer, or a second one to its query.`);
    }
    return answer;
  });
}

/** 95 % intervals of a part's figures, by bootstrap over its queries. @param seed of the draws */
export function metricIntervals(
  part: BenchmarkPart,
  answers: readonly QueryAnswer[],
  seed = 1,
  draws = 1000,
): Record<string, { low: number; high: number }> {
  const rng = random(seed), values: Record<string, number[]> = {};
  for (let draw = 0; draw < draws; draw++) {
    const chosen = answers.map(() => rng.int(answers.length));
    const drawn: Metrics = partMetrics(
      { ...part, queries: chosen.map((at) => part.queries[at]) },
      chosen.map((at) => answers[at]),
    );
    for (const [name, value] of Object.entries(drawn)) (values[name] ??= []).push(value);
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, list]) => {
      const sorted = list.sort((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
      return [name, { low: at(0.025), high: at(0.975) }];
    }),
  );
}

/** Two systems on the same queries. */
export interface Comparison {
  metric: string;
  queries: number;
  before: number;
  after: number;
  interval: PairedInterval;
  /** Queries that only the one, or only the other, answered; for an average precision: answered better. */
  won: string[];
  lost: string[];
  /** Two-sided, by the sign test on won and lost: how likely chance alone is to divide them so unevenly. */
  signTest: number;
}

/**
 * Compares two result files query by query.
 * @param metric "R@k", "Rs@k" (CIRR's subset) or "mAP@k"
 * @throws {Error} if they do not hold the same queries, or the metric is unknown
 */
export function compareAnswers(
  before: readonly QueryAnswer[],
  after: readonly QueryAnswer[],
  metric: string,
  seed = 1,
  draws = 2000,
): Comparison {
  const score = scoreOf(metric), key = ({ part, query }: QueryAnswer) => `${part}/${query}`;
  const others = new Map(after.map((answer) => [key(answer), answer]));
  const alone = before.find((answer) => !others.has(key(answer)));
  if (alone || before.length !== after.length) {
    throw new Error(
      `Comparing answers failed: the files hold ${before.length} and ${after.length} queries` +
        (alone ? `, and "${key(alone)}" is in the first alone.` : "."),
    );
  }
  const pairs = before.map((answer) => ({
    key: key(answer),
    part: answer.part,
    a: score(answer),
    b: score(others.get(key(answer))!),
  }));
  const won = pairs.filter(({ a, b }) => b > a).map(({ key }) => key);
  const lost = pairs.filter(({ a, b }) => b < a).map(({ key }) => key);
  const parts = [...new Set(pairs.map(({ part }) => part))];
  const mean = (side: "a" | "b") =>
    100 * parts.reduce((sum, part) => {
      const own = pairs.filter((pair) => pair.part === part);
      return sum + own.reduce((total, pair) => total + pair[side], 0) / own.length;
    }, 0) / parts.length;
  const outcomes = pairs.map(({ key, part, a, b }) => ({ before: a, after: b, stratum: part, cluster: key }));
  return {
    metric,
    queries: pairs.length,
    before: mean("a"),
    after: mean("b"),
    interval: pairedBootstrap(outcomes, draws, random(seed)),
    won,
    lost,
    signTest: signTest(won.length, lost.length),
  };
}

function scoreOf(metric: string): (answer: QueryAnswer) => number {
  const [, name, text] = metric.match(/^(R|Rs|mAP)@([1-9]\d*)$/) ?? [];
  const k = Number(text), within = (rank: number | null | undefined) => Number(typeof rank === "number" && rank <= k);
  switch (name) {
    case "R":
      return ({ ranks }) => within(ranks[0]);
    case "Rs":
      return ({ groupRank }) => within(groupRank);
    case "mAP":
      return ({ ranks }) => averagePrecision(ranks, k);
    default:
      throw new Error(`Comparing answers failed: the metric "${metric}" is none of R@k, Rs@k, mAP@k.`);
  }
}

/** Probability of a division at least as uneven among fair coins, both tails. */
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
