import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Dropped } from "../../../lib/triplets/make/made_triplet.ts";
import { findSlots } from "../../../lib/triplets/make/keyword_slots.ts";
import { makeLexicon } from "../../../lib/triplets/make/lexicon.ts";
import { type RuleOptions, ruleTriplets } from "../../../lib/triplets/make/rule.ts";
import { wordsOf } from "../../../lib/triplets/make/words.ts";
import { loadTagger } from "../../../lib/triplets/tagger.ts";

const tag = await loadTagger();
const captions = (texts: readonly string[], images?: number[]) =>
  texts.map((text, i) => ({ text, at: { line: i + 1 }, ...(images ? { image: images[i] } : {}) }));
const make = (texts: readonly string[], options: Partial<RuleOptions> = {}, images?: number[]) =>
  Array.fromAsync(ruleTriplets(captions(texts, images), { tag, seed: 1, leastCount: 1, ...options }));

/** The keywords that are found in a text, each with how it is used. */
function slots(text: string, corpus: string[] = []): string[] {
  const lexicon = makeLexicon();
  for (const one of [text, ...corpus]) lexicon.add(wordsOf(one, tag)!);
  return findSlots(wordsOf(text, tag)!, lexicon).map(({ kind, word, place }) => `${word} (${kind}; ${place})`);
}

Deno.test("findSlots: nouns with their article, plural nouns and adjectives, each with its place", () => {
  assertEquals(slots("A man holding a red bicycle on the street.", ["a red bus", "red cars"]), [
    "man (noun after a; - hold)",
    "bicycle (noun after a; hold)",
    "red (adjective; bicycle)",
    "street (noun after the; on)",
  ]);
  assertEquals(slots("two dogs next to a fire hydrant"), [
    "dogs (plural noun; - next)",
    "fire hydrant (noun after a; to)",
  ]);
});

Deno.test("findSlots: what names nothing by itself, or is part of a longer name, is left alone", () => {
  // "front of" and "background" are places; "sheep" is of either number; "standing" is no noun, whatever the tagger says.
  assertEquals(slots("sheep in front of grass in the background"), []);
  assertEquals(slots("a snow covered field"), []);
  assertEquals(slots("some people standing").map((slot) => slot.split(" (")[0]), ["people"]);
  const corpus = ["a hot dog on a plate", "a hot dog", "the hot dog"];
  assertEquals(slots("a hot dog on a bun", corpus).some((slot) => slot.startsWith("hot")), false);
  assertEquals(slots("a parking lot").length, 0);
});

const corpus = [
  "A dog sits on a chair.",
  "A cat sits on a bench.",
  "An owl sits on an oven.",
  "A horse sits on a table.",
  "A zebra sits on a sofa.",
];

Deno.test("ruleTriplets: golden rows of a small corpus", async () => {
  const rows = await make(corpus);
  assertEquals(rows.map(({ reference, conditioning, target }) => [reference, conditioning, target]), [
    ["An owl sits on an oven.", "show a zebra in place of the owl", "A zebra sits on an oven."],
    ["A zebra sits on a sofa.", "change the zebra to a dog", "A dog sits on a sofa."],
    [
      "A horse sits on a table.",
      "the same scene, but with an oven instead of the table",
      "A horse sits on an oven.",
    ],
    ["A dog sits on a chair.", "I want an owl, not the dog", "An owl sits on a chair."],
    ["A cat sits on a bench.", "show an oven in place of the bench", "A cat sits on an oven."],
  ]);
  assertEquals(rows[0].provenance, {
    method: "rule",
    captions: [{ line: 3 }],
    seed: 1,
    template: "show {new} in place of {old}",
    swap: ["owl", "zebra"],
  });
});

Deno.test("ruleTriplets: both words are in the conditioning text, the target has the new one, articles agree", async () => {
  const rows = await make(corpus, { count: 30 });
  assertEquals(rows.length, 30);
  for (const { reference, conditioning, target, provenance } of rows) {
    assert(provenance.method === "rule");
    const [old, now] = provenance.swap;
    assert(conditioning.includes(old) && conditioning.includes(now), conditioning);
    assert(reference.toLowerCase().includes(old) && target.toLowerCase().includes(now), target);
    assertEquals(target.match(/\ba [aeio]|\ban [^aeio]/i), null, target);
    assert(/^[A-Z].*\.$/.test(target), target);
  }
  assertEquals(new Set(rows.map((row) => JSON.stringify([row.reference, row.target]))).size, 30);
});

Deno.test("ruleTriplets: the seed decides everything, and count is kept", async () => {
  assertEquals(await make(corpus, { count: 12 }), await make(corpus, { count: 12 }));
  assert(JSON.stringify(await make(corpus, { seed: 2 })) !== JSON.stringify(await make(corpus)));
  assertEquals((await make(corpus, { count: 3 })).length, 3);
  const dropped: Dropped = new Map();
  const all = await make(corpus, { count: 1000, dropped });
  assert(all.length < 100);
  assertEquals([...dropped], [["caption that gave fewer triplets than were asked of it", 5]]);
});

Deno.test("ruleTriplets: a word that another caption of the image has is no change", async () => {
  const texts = [
    "a dog on a chair",
    "a cat on a chair",
    "a bird on a chair",
    "a horse on a chair",
    "a mouse on a chair",
  ];
  const rows = await make(texts, { count: 60 }, [1, 1, 2, 3, 4]);
  const swaps = rows.flatMap(({ provenance }) => provenance.method === "rule" ? [provenance.swap.join(" ")] : []);
  assert(swaps.includes("dog bird") && swaps.includes("bird dog"), swaps.join(", "));
  assertEquals(swaps.includes("dog cat") || swaps.includes("cat dog"), false);
});

Deno.test("ruleTriplets: a word in the place of a noun comes from the same place, where the corpus has enough of them", async () => {
  const ridden = ["horse", "bike", "train", "wave", "camel"].map((what) => `the man was riding a ${what}`);
  const eaten = ["pizza", "banana", "cake", "carrot", "donut"].map((what) => `the man was eating a ${what}`);
  for (const { provenance } of await make([...ridden, ...eaten], { count: 40 })) {
    assert(provenance.method === "rule");
    const [old, now] = provenance.swap, from = ridden.some((text) => text.endsWith(old)) ? ridden : eaten;
    assert(from.some((text) => text.endsWith(now)), `${old} -> ${now}`);
  }
});

Deno.test("ruleTriplets: a corpus without keywords is one sentence, and rare words are not swapped in", async () => {
  await assertRejects(
    () => make(corpus, { leastCount: 5 }),
    Error,
    "Making triplets by rule failed: no noun or adjective of the 5 captions is used 5 times in one way; give more " +
      "captions, or a lower --least-count.",
  );
  const dropped: Dropped = new Map();
  await make([...corpus, "running"], { dropped });
  assertEquals(dropped.get("caption without a keyword to swap"), 1);
});
