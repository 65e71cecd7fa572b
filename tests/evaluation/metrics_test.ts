import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { partMetrics } from "../../lib/evaluation/metrics.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { compareResults, metricIntervals, signTest } from "../../lib/evaluation/ranking_results.ts";
import { eachBackend } from "../backends.ts";
import {
  agreementMetrics,
  type Annotations,
  goldenMetrics,
  icirAnnotations,
  sharedIsThere,
  slicedAnnotations,
  wholeAnnotations,
} from "./agreement.ts";

async function compareFigures(annotations: Annotations): Promise<void> {
  const golden = goldenMetrics(annotations), ours = await agreementMetrics(annotations);
  assertEquals(Object.keys(ours).sort(), Object.keys(golden).sort());
  for (const [benchmark, figures] of Object.entries(golden)) {
    assertEquals(Object.keys(ours[benchmark]).sort(), Object.keys(figures).sort());
    for (const [name, figure] of Object.entries(figures)) {
      // Six digits are more than any evaluator prints.
      assertAlmostEquals(ours[benchmark][name], figure, 1e-6, `${benchmark} ${name}`);
    }
  }
}

eachBackend(
  "partMetrics: figures over a part of the annotations equal another program's to the last digit",
  async () => {
    await compareFigures(slicedAnnotations());
  },
);

eachBackend("partMetrics: i-CIR's figures over made lists equal another program's to the last digit", async () => {
  await compareFigures(icirAnnotations());
});

if (!sharedIsThere) {
  Deno.test({
    name: "partMetrics: figures over the whole annotations (skipped: ../shared/data is absent)",
    ignore: true,
    fn() {},
  });
} else {
  eachBackend("partMetrics: figures over the whole annotations equal another program's to the last digit", async () => {
    await compareFigures(wholeAnnotations());
  }, ["wasm", "webgpu"]);
}

const resultOf = (query: string, rank: number | null): RankingResult => ({
  part: "cirr",
  query,
  ranks: [rank],
  top: [],
  groupRank: rank,
});
const part = (count: number, targets = ["t"]): BenchmarkPart => ({
  benchmark: "cirr",
  split: "val",
  part: "cirr",
  gallery: ["t"],
  images: new Map(),
  queries: Array.from(
    { length: count },
    (_, i) => ({ id: String(i), reference: "r", texts: [""], targets, excluded: [] }),
  ),
});

Deno.test("partMetrics: a query that was skipped, or whose target is missing, counts as a miss", () => {
  const metrics = partMetrics(part(4), [resultOf("0", 1), resultOf("1", null), resultOf("2", 7), resultOf("3", 1)]);
  assertEquals([metrics["R@1"], metrics["R@5"], metrics["R@10"], metrics["Rs@1"]], [50, 50, 75, 50]);
  assertThrows(
    () => partMetrics(part(1, []), [resultOf("0", null)]),
    Error,
    "its targets are not public; make a submission",
  );
});

Deno.test("partMetrics and metricIntervals: results that are not those of the part's queries are refused", () => {
  const own = ["0", "1", "2", "3"].map((id) => resultOf(id, 1));
  const broken: [RankingResult[], string][] = [
    [[own[0]], "there are 1 results of 4 queries; give one for each, in their order"],
    [[], "there are 0 results of 4 queries"],
    [[...own, resultOf("4", 1)], "there are 5 results of 4 queries"],
    [[own[1], own[0], own[2], own[3]], 'result 1 is of the query "cirr/1", expected is "cirr/0"'],
    [[...own.slice(1), resultOf("x", 1)], 'result 1 is of the query "cirr/1", expected is "cirr/0"'],
    [own.map((result) => ({ ...result, part: "dress" })), 'the query "dress/0", expected is "cirr/0"'],
    [[{ ...own[0], ranks: [1, 2] }, ...own.slice(1)], '"cirr/0" and has 2 ranks, its targets are 1; rank it again'],
  ];
  for (const [results, sentence] of broken) {
    assertThrows(() => partMetrics(part(4), results), Error, sentence);
    assertThrows(() => metricIntervals(part(4), results), Error, sentence);
  }
  assertThrows(() => partMetrics(part(4), [own[0]]), Error, "Scoring cirr val failed: there are 1 results");
  assertEquals(partMetrics(part(4), own)["R@1"], 100);
});

Deno.test("metricIntervals: intervals hold the figure, and are as wide as a binomial's", () => {
  const results = Array.from({ length: 400 }, (_, i) => resultOf(String(i), i % 4 === 0 ? 1 : 60));
  const { low, high } = metricIntervals(part(400), results)["R@1"];
  // 25 % of 400: the standard error is 2.17 points, the interval 8.5 wide.
  assert(low < 25 && high > 25 && Math.abs(high - low - 8.5) < 1.5, `${low} ${high}`);
});

/** Queries of i-CIR by their instances, each with the ranks of its correct images. */
function icir(ranks: Record<string, (number | null)[][]>): { part: BenchmarkPart; results: RankingResult[] } {
  const rows = Object.entries(ranks).flatMap(([gallery, own]) => own.map((ranks) => ({ gallery, ranks })));
  return {
    part: {
      ...part(0),
      ...{
        benchmark: "icir",
        split: "test",
        part: "icir",
        galleries: new Map(Object.keys(ranks).map((id) => [id, []])),
      },
      queries: rows.map(({ gallery, ranks }, i) => ({
        ...{ id: String(i), reference: "r", texts: [""], excluded: [], gallery, targets: ranks.map((_, k) => `${k}`) },
      })),
    },
    results: rows.map(({ gallery, ranks }, i) => ({ part: "icir", query: String(i), gallery, ranks, top: [] })),
  };
}

Deno.test("partMetrics: i-CIR's mAP over queries, and the means over instances of the mean and the least", () => {
  // Average precisions: 1, 1/4 and 0 in "a", (1 + 5/12) / 2 in "b", each a little less by the step of recall.
  const one = 1 / (1 + 1e-5), two = 1 / (2 + 1e-5);
  const precisions = { a: [one, one / 4, 0], b: [two * (1 + 5 / 12)] };
  const { part, results } = icir({ a: [[1], [2], [null]], b: [[4, 1]] });
  const metrics = partMetrics(part, results);
  assertEquals(Object.keys(metrics), ["mAP", "mmAP", "minmAP"]);
  const [a, b] = [precisions.a.reduce((sum, value) => sum + value) / 3, precisions.b[0]];
  assertAlmostEquals(metrics.mAP, 100 * (3 * a + b) / 4, 1e-9);
  assertAlmostEquals(metrics.mmAP, 100 * (a + b) / 2, 1e-9);
  assertAlmostEquals(metrics.minmAP, 100 * (0 + b) / 2, 1e-9);
});

Deno.test("metricIntervals and compareResults: i-CIR's queries are drawn by instance", () => {
  // Ten instances with 40 queries each that are all alike: ten independent values, not 400.
  const ranks = (first: number) =>
    Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`instance ${i}`, Array.from({ length: 40 }, () => [i < 5 ? first : 100])]),
    );
  const { part, results } = icir(ranks(1)), intervals = metricIntervals(part, results);
  // The standard error of a half of ten is 15.7 points: the interval is about 62 wide, of 400 queries it would be 10.
  for (const metric of ["mAP", "mmAP", "minmAP"]) {
    const { low, high } = intervals[metric];
    assert(low <= 25 && high >= 75, `${metric} ${low} ${high}`);
  }
  const { interval, won, before, after } = compareResults({
    before: icir(ranks(2)).results,
    after: results,
    metric: "mAP",
  });
  assertEquals(won.length, 200);
  assertAlmostEquals(after - before, interval.difference, 1e-9);
  assertAlmostEquals(after - before, 37.5, 0.01);
  assert(interval.low <= 20 && interval.high >= 55, `${interval.low} ${interval.high}`);
});

Deno.test("compareResults: names what was won and lost, and says whether chance would do", () => {
  const before = Array.from({ length: 40 }, (_, i) => resultOf(String(i), i < 10 ? 1 : 5));
  const after = before.map(({ query }, i) => resultOf(query, i === 0 ? 5 : i < 30 ? 1 : 5));
  const result = compareResults({ before, after, metric: "R@1" });
  assertEquals([result.before, result.after, result.won.length, result.lost], [25, 72.5, 20, ["cirr/0"]]);
  assert(result.interval.low > 20 && result.interval.high < 70 && result.signTest < 1e-4);
  assertEquals(compareResults({ before, after, metric: "mAP@5" }).won.length, 20);
  assertEquals(compareResults({ before, after, metric: "Rs@10" }).won.length, 0);
  assertThrows(
    () => compareResults({ before, after: after.slice(1), metric: "R@1" }),
    Error,
    '"cirr/0" is in the first only',
  );
  assertThrows(
    () => compareResults({ before, after, metric: "P@1" }),
    Error,
    '"P@1" is none of R@k, Rs@k, mAP@k',
  );
});

Deno.test("compareResults: what was not measured is refused and not 0", () => {
  const ranked = [0, 1].map((i): RankingResult => ({ part: "dress", query: String(i), ranks: [i + 1], top: [] }));
  const grouped = ranked.map((result) => ({ ...result, groupRank: 1 }));
  for (const [before, after] of [[ranked, ranked], [ranked, grouped], [grouped, ranked]]) {
    const sentence = 'no query has a rank within a group, of which "Rs@1" is';
    assertThrows(() => compareResults({ before, after, metric: "Rs@1" }), Error, sentence);
  }
  // A query that was skipped has no rank within its group.
  assertEquals(compareResults({ before: grouped, after: [ranked[0], grouped[1]], metric: "Rs@1" }).lost, ["dress/0"]);
  const secret = ranked.map((result) => ({ ...result, ranks: [] }));
  for (const metric of ["R@1", "mAP@5", "Rs@1"]) {
    assertThrows(() => compareResults({ before: secret, after: secret, metric }), Error, '"dress/0" has no ranks');
  }
  assertThrows(() => compareResults({ before: [], after: [], metric: "R@1" }), Error, "there are no results");
});

Deno.test("signTest: equals the binomial's tails", () => {
  assertEquals(signTest(0, 0), 1);
  assertAlmostEquals(signTest(1, 0), 1, 1e-12);
  assertAlmostEquals(signTest(5, 0), 2 / 32, 1e-12);
  assertAlmostEquals(signTest(8, 2), 2 * (45 + 10 + 1) / 1024, 1e-12);
});
