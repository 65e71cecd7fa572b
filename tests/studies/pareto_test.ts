import { assertEquals } from "@std/assert";
import { paretoFrontier } from "../../lib/studies/pareto.ts";

Deno.test("paretoFrontier: what another point beats in one coordinate and does not lose to in the other is left out", () => {
  const points = [[3, 3], [1, 5], [2, 2], [3, 1], [5, 0], [1, 4], [4, 3], [-1, 5]].map(([x, y]) => ({ x, y }));
  assertEquals(paretoFrontier(points), [1, 6, 4]);
  assertEquals(paretoFrontier([{ x: 1, y: 1 }, { x: 1, y: 1 }]), [0, 1]);
  assertEquals(paretoFrontier([]), []);
});
