import { assertEquals } from "@std/assert";
import { firstDifference } from "../../lib/io/first_difference.ts";

Deno.test("firstDifference: the first key whose values differ, of either side, with its values", () => {
  assertEquals(firstDifference({ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }), undefined);
  assertEquals(firstDifference({ a: 1, b: 2 }, { a: 1, b: "2" }), { key: "b", found: "2", requested: '"2"' });
  assertEquals(firstDifference({ a: 1 }, {}), { key: "a", found: "1", requested: "undefined" });
  assertEquals(firstDifference({}, { a: null }), { key: "a", found: "undefined", requested: "null" });
});

Deno.test("firstDifference: a file's keys and values are shown cut, and one nested too deeply differs", () => {
  const long = "x".repeat(1_000_000);
  const { key, found, requested } = firstDifference({ [long]: long }, {})!;
  assertEquals([key.length < 81, found.length, requested], [true, 80, "undefined"]);
  const endless: unknown[] = [];
  endless.push(endless);
  assertEquals(firstDifference({ a: endless }, { a: 1 }), {
    key: "a",
    found: "a value nested too deeply to show",
    requested: "1",
  });
});
