import { assert, assertEquals } from "@std/assert";
import { welchInterval } from "../../lib/studies/welch.ts";

Deno.test("welchInterval: equals SciPy's where the degrees of freedom are whole, and is wider where they are not", () => {
  // scipy.stats.ttest_ind([4, 6, 8], [1, 2, 3], equal_var=False): df 2.94; with df 2: 4 +- 4.303 sqrt(5 / 3).
  const { difference, low, high } = welchInterval([1, 2, 3], [4, 6, 8])!;
  assertEquals(difference, 4);
  assert(Math.abs(low - (4 - 4.303 * Math.sqrt(5 / 3))) < 1e-12 && Math.abs(high + low - 8) < 1e-12);
  // Equal variances and numbers: df is 4.
  const equal = welchInterval([1, 2, 3], [5, 6, 7])!;
  assert(Math.abs(equal.high - (4 + 2.776 * Math.sqrt(2 / 3))) < 1e-12);
  assertEquals(welchInterval([1, 1], [2, 2]), { difference: 1, low: 1, high: 1 });
  assertEquals(welchInterval([1], [2, 3]), undefined);
});
