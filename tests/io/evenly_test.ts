import { assertEquals } from "@std/assert";
import { evenIndex, evenly } from "../../lib/io/evenly.ts";

Deno.test("evenly: at even distances with both ends; all, the last alone, or none", () => {
  assertEquals(evenly(10, 4), [0, 3, 6, 9]);
  assertEquals(evenly(13, 12), [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]);
  assertEquals(evenly(3, 12), [0, 1, 2]);
  assertEquals([evenly(10, 1), evenly(1, 1), evenly(10, 0), evenly(0, 5)], [[9], [0], [], []]);
});

Deno.test("evenIndex: more than there are recur", () => {
  assertEquals(Array.from({ length: 5 }, (_, i) => evenIndex(i, 5, 3)), [0, 1, 1, 2, 2]);
});
