import { assertEquals } from "@std/assert";
import { queryMethods } from "../../lib/evaluation/query_method.ts";
import { needOf, whyImpossible } from "../../lib/studies/method_needs.ts";

Deno.test("needOf: captions and pseudo-tokens for the methods that use them, nothing for the others", () => {
  const needs = queryMethods.map((method) => [method, needOf(method)]).filter(([, need]) => need !== undefined);
  assertEquals(Object.fromEntries(needs), {
    "caption + text": "captions",
    "pseudo-token + text": "pseudoTokens",
    "oracle": "captions",
  });
  assertEquals(whyImpossible("oracle"), "it needs captions of the images, which the testbed does not have");
  assertEquals(whyImpossible("image only"), "the testbed's benchmarks do not allow it");
});
