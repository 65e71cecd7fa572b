import { assert, assertEquals } from "@std/assert";
import { emojiBenchmark, emojiQueries } from "../../../lib/emoji/data/benchmark.ts";
import { captionWords, drawCaption, maskKeywords } from "../../../lib/emoji/data/captions.ts";
import { functionWords, wordings } from "../../../lib/emoji/data/wording.ts";
import { editSampler } from "../../../lib/emoji/data/triplets.ts";
import { plainText } from "../../../lib/emoji/data/labels.ts";
import { jsonHash } from "../../../lib/io/hash.ts";
import { random } from "../../../lib/tensors/random.ts";

const benchmark = await emojiBenchmark();

Deno.test("emojiBenchmark: the images are those of the packages, and the two that cannot be drawn are named", () => {
  const { noto, fluent } = benchmark.images;
  assertEquals([noto, fluent].map(({ codes }) => codes.length), [3706, 3139]);
  assertEquals(noto.failed.map(({ icon }) => icon).sort(), ["package", "rainbow-flag"]);
  assertEquals(new Set(benchmark.duplicates.map((same) => same.join())).size, 3684);
});

Deno.test("emojiBenchmark: no family, and no image of an edit, is in two parts", () => {
  const families = { train: new Set<string>(), validation: new Set<string>(), test: new Set<string>() };
  for (const split of ["train", "validation", "test"] as const) {
    for (const { reference, target } of benchmark.edits[split]) {
      families[split].add(reference.family).add(target.family);
    }
  }
  for (const family of families.train) assert(!families.test.has(family) && !families.validation.has(family), family);
  for (const family of families.validation) assert(!families.test.has(family), family);
});

Deno.test("emojiQueries: the same every time, at most 200 a kind, and say what changes", async () => {
  const queries = emojiQueries(benchmark, "test");
  assertEquals(emojiQueries(benchmark, "test"), queries);
  // The hash under which version 0.1 kept its runs: made from the packages alone, the queries are still the same.
  assertEquals(
    await jsonHash(queries.map(({ reference, target, texts }) => [reference.code, target.code, texts])),
    "513e02c79dfb7de39459ea7849f4eaccd253f15c2d8af697fb4bf0cb412898b3",
  );
  const counts = new Map<string, number>();
  for (const { kind, texts, changes, reference, target } of queries) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    assertEquals(Object.keys(texts), [...wordings]);
    for (const text of Object.values(texts)) for (const { to } of changes) assert(text.includes(to), text);
    assert(reference.code !== target.code);
  }
  assertEquals(Object.fromEntries(counts), { gender: 200, tone: 200, colour: 48, direction: 36, role: 200, two: 200 });
});

Deno.test("emojiQueries: seen and unseen wordings share no template", () => {
  const head = (text: string) => text.split(" ").slice(0, 2).join(" ");
  const queries = emojiQueries(benchmark, "test");
  const seen = new Set(queries.map(({ texts }) => head(texts.seen)));
  for (const { texts } of queries) assert(!seen.has(head(texts.unseen)), texts.unseen);
});

Deno.test("editSampler: a batch of triplets names no label twice, and comes from train families alone", () => {
  const sampler = editSampler(benchmark.edits.train)(5);
  const trained = new Set(
    benchmark.edits.train.flatMap(({ reference, target }) => [reference.caption, target.caption]),
  );
  const tested = new Set(benchmark.edits.test.flatMap(({ reference, target }) => [reference.caption, target.caption]));
  for (let batch = 0; batch < 20; batch++) {
    const labels = sampler.next(128).flatMap(({ reference, target }) => [reference, target]);
    assertEquals(new Set(labels).size, 256);
    for (const label of labels) assert(trained.has(label) && !tested.has(label), label);
  }
});

Deno.test("editSampler: goes on from its state", () => {
  const sampler = editSampler(benchmark.edits.train)(5);
  sampler.next(64);
  const again = editSampler(benchmark.edits.train)(JSON.parse(JSON.stringify(sampler.state())));
  assertEquals(again.next(64), sampler.next(64));
});

Deno.test("captionWords: every word of captions and queries is in the vocabulary", () => {
  const known = new Set(captionWords(benchmark.emoji));
  const rng = random(1);
  for (const one of benchmark.emoji) {
    for (const word of drawCaption(one, rng).split(" ")) assert(known.has(word), word);
  }
  for (const { texts } of emojiQueries(benchmark, "test")) {
    for (const text of Object.values(texts)) {
      for (const word of plainText(text).split(" ")) assert(known.has(word), `${word} in "${text}"`);
    }
  }
});

Deno.test("maskKeywords: keywords are masked in runs", () => {
  assertEquals(maskKeywords("a photo of woman running with dark skin tone"), "a photo of [$] with [$]");
  assertEquals(maskKeywords("red apple"), "[$]");
  assert(functionWords.includes("instead"));
});
