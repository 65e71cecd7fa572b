import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { wordRetrieval } from "../../../lib/triplets/quality/word_retrieval.ts";

const golden = JSON.parse(
  await Deno.readTextFile(new URL("../../goldens/triplets/word_retrieval.json", import.meta.url)),
);

Deno.test("wordRetrieval: recall over 150 made triplets is that of scikit-learn's TF-IDF", () => {
  const found = wordRetrieval(golden.triplets);
  assertEquals([found.queries, found.gallery], [150, golden.gallery]);
  for (const query of ["conditioning", "reference", "both"] as const) {
    // Both compute in 64 bits.
    assertAlmostEquals(found[query].r1, golden[query].r1, 1e-9);
    assertAlmostEquals(found[query].r10, golden[query].r10, 1e-9);
  }
});

Deno.test("wordRetrieval: equal captions share the ranks, the reference is left out, and chance is the gallery's", () => {
  // Nothing in common with any target: every caption is as near, so that the target is anywhere.
  const mute = ["dog", "cat", "cow", "pig"].map((target) => ({ reference: "x", conditioning: "y", target }));
  const none = wordRetrieval(mute);
  assertEquals([none.conditioning, none.both, none.chance], Array(3).fill({ r1: 25, r10: 100 }));
  // The reference names itself, which is in the gallery, and would be first.
  const known = [
    { reference: "red dog", conditioning: "blue", target: "blue dog" },
    { reference: "blue dog", conditioning: "red", target: "red dog" },
    { reference: "red dog", conditioning: "green cow", target: "green cow" },
  ];
  const found = wordRetrieval(known);
  assertEquals([found.gallery, found.reference.r1], [3, 100 * 2 / 3]);
  assertEquals([found.conditioning.r1, found.both.r1], [100, 100]);
  // What stays as it is can be found.
  assertEquals(wordRetrieval([{ reference: "a", conditioning: "b", target: "a" }]).reference.r1, 100);
  assertThrows(() => wordRetrieval([]), Error, "there are no triplets; read some first");
});
