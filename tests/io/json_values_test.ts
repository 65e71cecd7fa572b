import { assertEquals } from "@std/assert";
import { isObject, isTexts } from "../../lib/io/json_values.ts";

Deno.test("isObject and isTexts: a list is no object, and an object is no list", () => {
  const values = [{}, { a: 1 }, [], ["a"], ["a", 1], [null], null, undefined, "a", 1, true];
  assertEquals(values.filter(isObject), [{}, { a: 1 }]);
  assertEquals(values.filter(isTexts), [[], ["a"]]);
});
