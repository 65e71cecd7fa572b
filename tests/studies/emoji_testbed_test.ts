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
  assertEquals(validation.plain, test.plain);
  const kept = ({ keptCaptions }: typeof test) =>
    Promise.all(Object.values(keptCaptions!).map((one) => one.captions()));
  assertEquals(await kept(validation), await kept(test));
});

Deno.test("emojiTestbed: captions to keep are of train families, each once, and those beside the edits are in no edit", async () => {
  const { keptCaptions } = await emojiTestbed({ benchmark, queries: 6 });
  const [all, beside] = await Promise.all([keptCaptions!.all!.captions(), keptCaptions!.beside!.captions()]);
  const captions = new Set(beside.captions), every = new Set(all.captions);
  assertEquals([captions.size, every.size], [beside.captions.length, all.captions.length]);
  assert(captions.size > 20, String(captions.size));
  assert(captions.isSubsetOf(every));
  const of = benchmark.emoji.filter(({ caption }) => every.has(caption));
  assert(of.every(({ family }) => benchmark.parts.get(family) === "train"));
  const edited = benchmark.edits.train.flatMap(({ reference, target }) => [reference.caption, target.caption]);
  assert(edited.every((caption) => every.has(caption)));
  const edits = Object.values(benchmark.edits).flat();
  assert(edits.every(({ reference, target }) => !captions.has(reference.caption) && !captions.has(target.caption)));
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
