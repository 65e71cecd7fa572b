import { assertEquals, assertRejects } from "@std/assert";
import { inspectTriplets } from "../../../lib/triplets/quality/inspect.ts";
import { readTriplets } from "../../../lib/triplets/read/read_triplets.ts";
import { shared, sharedIsThere, skipped, withFile } from "../files.ts";

const triplet = (reference: string, conditioning: string, target: string) => ({ reference, conditioning, target });

Deno.test("inspectTriplets: lengths, repetition, openings and changes are those of the triplets", async () => {
  const quality = await inspectTriplets([
    triplet("a red apple", "make it green", "a green apple"),
    triplet("a red apple", "make it green", "a green apple"),
    triplet("a dog on a bed", "remove the dog", "a bed"),
    triplet("a cat", "make it sleep", "an animal"),
  ], { openings: 1 });
  assertEquals(quality.triplets, 4);
  assertEquals(quality.lengths.reference, { least: 4, median: 5, p90: 7, p99: 7, most: 7 });
  assertEquals(quality.different, {
    triplet: { counted: 4, distinct: 3 },
    reference: { counted: 4, distinct: 3 },
    conditioning: { counted: 4, distinct: 3 },
    target: { counted: 4, distinct: 3 },
  });
  assertEquals(quality.openings, { openings: [{ text: "make it", count: 3 }], others: 0, distinct: 2 });
  assertEquals(quality.change, { "names some": 2, "names none": 1, "target adds no word": 1, "nothing changes": 0 });
  assertEquals([quality.retrieval.queries, quality.retrieval.gallery], [4, 3]);
  await assertRejects(() => inspectTriplets([]), Error, "there are none; read or make some first");
});

Deno.test("inspectTriplets: texts beyond the context are named by row, a conditioning text with its prompt", async () => {
  const words = (count: number) => Array(count).fill("dog").join(" ");
  const rows = [
    { input: "a", edit: "b", output: "" },
    { input: "a", edit: words(70), output: words(75) },
    { input: words(76), edit: words(71), output: "c" },
    { input: "a", edit: words(300), output: "c" },
  ];
  await withFile(rows.map((row) => JSON.stringify(row)).join("\n"), async (file) => {
    const reader = readTriplets(file);
    const { cut, tokens } = await inspectTriplets(reader, { row: reader.row });
    assertEquals([tokens.context, tokens.atLeast], [77, true]);
    assertEquals(cut.target, { texts: 0 });
    assertEquals([cut.reference.texts, cut.reference.example?.row, cut.reference.example?.tokens], [1, 3, 78]);
    // 71 words, start and end, and five tokens of "a photo of [$] that": one too many.
    assertEquals([cut.conditioning.texts, cut.conditioning.example?.row, cut.conditioning.example?.tokens], [2, 3, 73]);
  });
});

Deno.test("inspectTriplets: one seed draws one sample", async () => {
  const many = Array.from({ length: 300 }, (_, i) => triplet(`a ${i % 50}`, `b ${i % 7}`, `c ${i} d ${i % 7}`));
  const retrieval = async (seed: number) => (await inspectTriplets(many, { sample: 40, seed })).retrieval;
  const first = await retrieval(1);
  assertEquals([first.queries, first.gallery], [40, 40]);
  assertEquals(await retrieval(1), first);
  assertEquals(first.conditioning.r1 === (await retrieval(2)).conditioning.r1, false);
});

Deno.test({
  name: `inspectTriplets: human-written changes of CIRR need both, the reference and the conditioning text${skipped}`,
  ignore: !sharedIsThere,
  async fn() {
    const file = new URL("cirr-captions-WeiMoCIR-MIT/cirr_val_text_triplets.jsonl", shared);
    const { retrieval, change, different } = await inspectTriplets(readTriplets(file));
    assertEquals([retrieval.queries, retrieval.gallery, different.target.distinct], [4175, 2173, 2173]);
    assertEquals(change, { "names some": 2299, "names none": 1848, "target adds no word": 18, "nothing changes": 10 });
    const rounded = [retrieval.conditioning, retrieval.reference, retrieval.both].map(({ r1, r10 }) =>
      [r1, r10].map((value) => Number(value.toFixed(1)))
    );
    assertEquals(rounded, [[8.6, 28.3], [4.8, 23], [8.7, 36]]);
  },
});
