import { assert, assertEquals, assertRejects } from "@std/assert";
import { emojiTestbed } from "../../lib/studies/emoji_testbed.ts";
import { openTestbed } from "../../lib/studies/open_testbed.ts";
import { smallBenchmark } from "../emoji/small_benchmark.ts";

const benchmark = await smallBenchmark(10);

Deno.test("emojiTestbed: on validation its queries are of validation families, in one setting, with the same triplets", async () => {
  const test = await emojiTestbed({ benchmark, queries: 6 });
  const validation = await emojiTestbed({ benchmark, queries: 6, split: "validation" });
  assertEquals([test.name, validation.name], ["emoji", "emoji-validation"]);
  assertEquals(validation.benchmarks.map(({ name, split }) => [name, split]), [
    ["emoji validation", "validation families, split seed 0"],
  ]);
  assertEquals([test.benchmarks.length, test.benchmarks[0].split], [5, "test families, split seed 0"]);
  const familiesOf = ({ benchmarks: [{ queries }] }: typeof test) => new Set(queries.map(({ cluster }) => cluster));
  const ofValidation = familiesOf(validation);
  assert(ofValidation.size > 0);
  for (const family of ofValidation) assertEquals(benchmark.parts.get(family), "validation");
  assert(familiesOf(test).isDisjointFrom(ofValidation));
  const data = async ({ tripletSources: [edits] }: typeof test) => await (await edits.triplets()).data();
  assertEquals(await data(validation), await data(test));
  assertEquals([validation.plain, validation.keptCaptions], [test.plain, test.keptCaptions]);
});

Deno.test("emojiTestbed: captions beside the edits are of train families, and no edit has them", async () => {
  const { keptCaptions } = await emojiTestbed({ benchmark, queries: 6 }), captions = new Set(keptCaptions!.captions);
  assertEquals(captions.size, keptCaptions!.captions.length);
  assert(captions.size > 20, String(captions.size));
  const of = benchmark.emoji.filter(({ caption }) => captions.has(caption));
  assert(of.every(({ family }) => benchmark.parts.get(family) === "train"));
  const all = Object.values(benchmark.edits).flat();
  assert(all.every(({ reference, target }) => !captions.has(reference.caption) && !captions.has(target.caption)));
});

Deno.test("openTestbed: an unknown name and a split seed with a file are refused", async () => {
  await assertRejects(
    () => openTestbed("emoji-train"),
    Error,
    'Opening the testbed emoji-train failed: there are "emoji", "emoji-validation", "scenes", "scenes-validation"; or name a file that ends in .json.',
  );
  await assertRejects(
    () => openTestbed("real.json", { splitSeed: 1 }),
    Error,
    "Opening the testbed real.json failed: a split seed, 1, belongs to the embedded testbeds alone; leave it out.",
  );
});
