import { assert, assertEquals } from "@std/assert";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { pairedBootstrap, percentileInterval } from "../../lib/evaluation/bootstrap.ts";
import { metricIntervals } from "../../lib/evaluation/ranking_results.ts";
import { random } from "../../lib/tensors/random.ts";

Deno.test("percentileInterval: the sorted samples at floor(0.025 n) and floor(0.975 n)", () => {
  const samples = Array.from({ length: 1000 }, (_, i) => 1000 - i);
  assertEquals(percentileInterval(samples), { low: 26, high: 976 });
  assertEquals(percentileInterval([3, 1, 2]), { low: 1, high: 3 });
  assertEquals(percentileInterval([7]), { low: 7, high: 7 });
  // As numbers, not as texts.
  assertEquals(percentileInterval([10, 9, -1]), { low: -1, high: 10 });
});

Deno.test("percentileInterval: the one rule of pairedBootstrap and of metricIntervals", () => {
  const hits = Array.from({ length: 60 }, (_, i) => i % 3 === 0), draws = 200;
  const resample = () => {
    const rng = random(1);
    return Array.from({ length: draws }, () => {
      const drawn = hits.map(() => hits[rng.int(hits.length)]);
      return 100 * (drawn.filter(Boolean).length / drawn.length);
    });
  };
  const { low, high } = percentileInterval(resample());
  const near = (a: number, b: number) => assert(Math.abs(a - b) < 1e-9, `${a} for ${b}`);

  const scores = hits.map((after, i) => ({ before: false, after, stratum: "all", cluster: String(i) }));
  const paired = pairedBootstrap(scores, draws, random(1));
  near(paired.low, low);
  near(paired.high, high);

  const part: BenchmarkPart = {
    benchmark: "cirr",
    split: "val",
    part: "cirr",
    gallery: ["t"],
    images: new Map(),
    queries: hits.map((_, i) => ({ id: String(i), reference: "r", texts: [""], targets: ["t"], excluded: [] })),
  };
  const results = hits.map((hit, i) => ({ part: "cirr", query: String(i), ranks: [hit ? 1 : 60], top: [] }));
  const interval = metricIntervals(part, results, { seed: 1, draws })["R@1"];
  near(interval.low, low);
  near(interval.high, high);
});

Deno.test("pairedBootstrap: the interval holds the true difference about nineteen times in twenty", () => {
  const rng = random(4);
  let held = 0;
  for (let trial = 0; trial < 200; trial++) {
    const scores = Array.from({ length: 150 }, (_, i) => ({
      before: rng.uniform() < 0.3,
      after: rng.uniform() < 0.4,
      stratum: "all",
      cluster: String(i),
    }));
    const { low, high } = pairedBootstrap(scores, 400, rng);
    if (low <= 10 && 10 <= high) held++;
  }
  // 95 % of 200 is 190, its standard deviation 3.1.
  assert(held >= 180 && held <= 198, `${held} of 200`);
});

Deno.test("pairedBootstrap: strata weigh alike whatever their size", () => {
  const many = Array.from(
    { length: 90 },
    (_, i) => ({ before: false, after: false, stratum: "a", cluster: String(i) }),
  );
  const few = Array.from({ length: 10 }, (_, i) => ({ before: false, after: true, stratum: "b", cluster: String(i) }));
  assertEquals(pairedBootstrap([...many, ...few], 10, random(1)).difference, 50);
});
