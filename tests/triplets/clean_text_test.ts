import { assertEquals } from "@std/assert";
import { cleaningRules, cleanText } from "../../lib/triplets/triplet.ts";

Deno.test("cleanText: the rules of the published cleaning, in their order, and twice is once", () => {
  const cleaned: [string | null | undefined, string][] = [
    [null, ""],
    [undefined, ""],
    [" A <PERSON> and $5 ", "a person and 5"],
    ["<person>", "<person>"],
    [" $ a", "a"],
    ["ÉTÉ\n", "été"],
  ];
  for (const [text, expected] of cleaned) {
    assertEquals(cleanText(text), expected);
    assertEquals(cleanText(cleanText(text)), expected);
  }
  assertEquals(cleaningRules.map(({ apply }) => apply(" <PERSON> $B")), [
    " person $B",
    " <person> $b",
    " <PERSON> B",
    "<PERSON> $B",
  ]);
});
