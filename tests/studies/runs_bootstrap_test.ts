import { assert, assertEquals, assertThrows } from "@std/assert";
import { pairedBootstrap } from "../../lib/evaluation/bootstrap.ts";
import { runsInterval } from "../../lib/studies/runs_bootstrap.ts";
import { random } from "../../lib/tensors/random.ts";

const queries = Array.from({ length: 40 }, (_, i) => ({ stratum: i < 30 ? "a" : "b", cluster: String(i % 7) }));
const hits = (every: number) => queries.map((_, i) => Number(i % every === 0));

Deno.test("runsInterval: of one run each, the interval of the paired bootstrap over clusters", () => {
  const before = hits(5), after = hits(3);
  const scores = queries.map((query, i) => ({ ...query, before: before[i], after: after[i] }));
  const expected = pairedBootstrap(scores, 4000, random(1));
  const found = runsInterval({ queries, before: [before], after: [after] }, 4000, random(2));
  assert(Math.abs(found.difference - expected.difference) < 1e-9);
  assert(Math.abs(found.low - expected.low) < 1.5 && Math.abs(found.high - expected.high) < 1.5, JSON.stringify(found));
});

Deno.test("runsInterval: the same runs on both sides differ by nothing, other seeds widen the interval", () => {
  const runs = [hits(2), hits(3), hits(5)];
  assertEquals(runsInterval({ queries, before: runs, after: runs }, 200, random(1)), {
    ...{ difference: 0, low: 0, high: 0 },
  });
  const width = (after: number[][]) => {
    const { low, high } = runsInterval({ queries, before: [hits(4)], after }, 2000, random(1));
    return high - low;
  };
  // The mean of the three is the same, but only one of the systems varies with its seed.
  const mean = queries.map((_, i) => runs.reduce((sum, run) => sum + run[i], 0) / 3);
  assert(width(runs) > 1.2 * width([mean, mean, mean]), `${width(runs)} and ${width([mean, mean, mean])}`);
});

Deno.test("runsInterval: scores of other queries are refused", () => {
  assertThrows(
    () => runsInterval({ queries, before: [hits(2)], after: [[1, 0]] }, 9, random(1)),
    Error,
    "2 scores of 40",
  );
  assertThrows(() => runsInterval({ queries, before: [], after: [hits(2)] }, 9, random(1)), Error, "both need one");
});
