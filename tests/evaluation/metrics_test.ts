import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { averagePrecision, type Metrics, partMetrics } from "../../lib/evaluation/metrics.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { compareResults, metricIntervals, signTest } from "../../lib/evaluation/ranking_results.ts";
import { eachBackend } from "../backends.ts";
import { readGolden } from "../golden.ts";
import { agreementMetrics, shared } from "./agreement.ts";

const there = await Deno.stat(shared).then(() => true, () => false);
if (!there) {
  Deno.test({ name: "figures equal another program's (skipped: ../shared/data is absent)", ignore: true, fn() {} });
} else {
  eachBackend("figures over the real annotations equal another program's to the last digit", async () => {
    const folder = await Deno.makeTempDir();
    const { cirr, circo, fashioniq, genecis } = readGolden<Record<string, Metrics>>("benchmark_metrics.json");
    const golden = { cirr, circo, fashioniq, genecis };
    const ours = await agreementMetrics(folder);
    for (const [benchmark, figures] of Object.entries(golden)) {
      assertEquals(Object.keys(ours[benchmark]).sort(), Object.keys(figures).sort());
      for (const [name, figure] of Object.entries(figures)) {
        // Six digits are more than any evaluator prints.
        assertAlmostEquals(ours[benchmark][name], figure, 1e-6, `${benchmark} ${name}`);
      }
    }
    await Deno.remove(folder, { recursive: true });
  }, ["wasm", "webgpu"]);
}

Deno.test("average precision is precision at each answer over the smaller of answers and k", () => {
  assertEquals(averagePrecision([1], 5), 1);
  assertEquals(averagePrecision([2], 5), 0.5);
  // Answers at 1 and 4 of three: (1/1 + 2/4) / 3; the order of the list does not matter, a missing one is a miss.
  assertAlmostEquals(averagePrecision([4, null, 1], 5), 0.5, 1e-12);
  assertEquals(averagePrecision([1, 2, 3], 2), 1);
  assertEquals(averagePrecision([7], 5), 0);
});

const answer = (query: string, rank: number | null): RankingResult => ({
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

Deno.test("what was not asked or is missing counts as a miss", () => {
  const metrics = partMetrics(part(4), [answer("0", 1), answer("1", null), answer("2", 7), answer("3", 1)]);
  assertEquals([metrics["R@1"], metrics["R@5"], metrics["R@10"], metrics["Rs@1"]], [50, 50, 75, 50]);
  assertThrows(() => partMetrics(part(1, []), [answer("0", null)]), Error, "its answers are secret; make a submission");
});

Deno.test("intervals hold the figure, and are as wide as a binomial's", () => {
  const answers = Array.from({ length: 400 }, (_, i) => answer(String(i), i % 4 === 0 ? 1 : 60));
  const { low, high } = metricIntervals(part(400), answers)["R@1"];
  // 25 % of 400: the standard error is 2.17 points, the interval 8.5 wide.
  assert(low < 25 && high > 25 && Math.abs(high - low - 8.5) < 1.5, `${low} ${high}`);
});

Deno.test("a comparison names what was won and lost, and says whether chance would do", () => {
  const before = Array.from({ length: 40 }, (_, i) => answer(String(i), i < 10 ? 1 : 5));
  const after = before.map(({ query }, i) => answer(query, i === 0 ? 5 : i < 30 ? 1 : 5));
  const result = compareResults(before, after, "R@1");
  assertEquals([result.before, result.after, result.won.length, result.lost], [25, 72.5, 20, ["cirr/0"]]);
  assert(result.interval.low > 20 && result.interval.high < 70 && result.signTest < 1e-4);
  assertEquals(compareResults(before, after, "mAP@5").won.length, 20);
  assertEquals(compareResults(before, after, "Rs@10").won.length, 0);
  assertThrows(() => compareResults(before, after.slice(1), "R@1"), Error, '"cirr/0" is in the first alone');
  assertThrows(() => compareResults(before, after, "P@1"), Error, '"P@1" is none of R@k, Rs@k, mAP@k');
});

Deno.test("the sign test equals the binomial's tails", () => {
  assertEquals(signTest(0, 0), 1);
  assertAlmostEquals(signTest(1, 0), 1, 1e-12);
  assertAlmostEquals(signTest(5, 0), 2 / 32, 1e-12);
  assertAlmostEquals(signTest(8, 2), 2 * (45 + 10 + 1) / 1024, 1e-12);
});
