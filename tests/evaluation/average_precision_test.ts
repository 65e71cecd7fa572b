import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { averagePrecision, trapezoidalAveragePrecision } from "../../lib/evaluation/average_precision.ts";

Deno.test("averagePrecision: precision at each correct entry over the smaller of their number and k", () => {
  assertEquals(averagePrecision([1], 5), 1);
  assertEquals(averagePrecision([2], 5), 0.5);
  // Correct entries at 1 and 4 of three: (1/1 + 2/4) / 3; the order of the list does not matter, a missing one is a
  // miss.
  assertAlmostEquals(averagePrecision([4, null, 1], 5), 0.5, 1e-12);
  assertEquals(averagePrecision([1, 2, 3], 2), 1);
  assertEquals(averagePrecision([7], 5), 0);
});

Deno.test("averagePrecision: ranks that no ranking gives are refused, so that it is never above 1", () => {
  const advice = "; give the rank of each correct entry once.";
  assertThrows(() => averagePrecision([1, 1, 1], 5), Error, `the rank 1 is given twice${advice}`);
  for (const rank of [0, -1, 0.5]) {
    assertThrows(() => averagePrecision([3, rank], 5), Error, `the rank ${rank} is no whole number from 1${advice}`);
  }
  assert(Number.isNaN(averagePrecision([], 5)));
});

/** The sum of the trapezoids' heights over n correct entries, with the step of recall as i-CIR's program has it. */
const over = (n: number, heights: number) => heights / (n + 1e-5);

Deno.test("trapezoidalAveragePrecision: trapezoids worked out by hand", () => {
  // At the first rank the precision before is 1: one entry found at once has (1 + 1) / 2.
  assertAlmostEquals(trapezoidalAveragePrecision([1]), over(1, 1), 1e-12);
  assertAlmostEquals(trapezoidalAveragePrecision([1]), 0.9999900001, 1e-10);
  // At rank 2: 0 of 1 before, 1 of 2 at it.
  assertAlmostEquals(trapezoidalAveragePrecision([2]), over(1, 1 / 4), 1e-12);
  // At 1 and 4: (1 + 1) / 2 and (1/3 + 2/4) / 2 = 5/12; the order of the list does not matter.
  assertAlmostEquals(trapezoidalAveragePrecision([4, 1]), over(2, 1 + 5 / 12), 1e-12);
  // At 3, 4 and 10: (0/2 + 1/3) / 2, (1/3 + 2/4) / 2, (2/9 + 3/10) / 2.
  assertAlmostEquals(trapezoidalAveragePrecision([3, 4, 10]), over(3, 1 / 6 + 5 / 12 + 47 / 180), 1e-12);
  // A missing one is a miss: it counts among the correct entries alone.
  assertAlmostEquals(trapezoidalAveragePrecision([1, null]), over(2, 1), 1e-12);
  assertEquals(trapezoidalAveragePrecision([null, Infinity]), 0);
  assert(Number.isNaN(trapezoidalAveragePrecision([])));
});

// The formula in NumPy, of the ranks r = 0, 1, ... of n correct entries in a ranking, which made the figures below:
//   j = np.arange(n)
//   before = np.where(r == 0, 1.0, j / np.maximum(r, 1))
//   at = (j + 1) / (r + 1)
//   ap = np.sum((before + at) / (2 * (n + 1e-5)))
Deno.test("trapezoidalAveragePrecision: the formula in NumPy gives the same", () => {
  const numpy: [ranks: number[], ap: number][] = [
    [[9], 0.055555000005555494],
    [[24, 27, 36], 0.04911291457002971],
    [[17, 67, 86, 90, 247], 0.02768937569337281],
    [[440, 486, 943, 1030, 1120, 1263, 1729, 2661, 2942, 3017, 3030, 3665], 0.003156230551381119],
    [[1], 0.9999900000999989],
    [[1, 2, 3], 0.9999966666777778],
    [[1, 6], 0.6333301666825],
  ];
  for (const [ranks, ap] of numpy) assertAlmostEquals(trapezoidalAveragePrecision(ranks), ap, 1e-14, ranks.join());
});

Deno.test("trapezoidalAveragePrecision: ranks that no ranking gives are refused", () => {
  assertThrows(() => trapezoidalAveragePrecision([2, 2]), Error, "the rank 2 is given twice");
  for (const rank of [0, -1, 0.5]) {
    assertThrows(() => trapezoidalAveragePrecision([3, rank]), Error, `the rank ${rank} is no whole number from 1`);
  }
});
