import { assert, assertEquals, assertThrows } from "@std/assert";
import { changeTexts, changeTriplets, keywordsOf } from "../../lib/studies/conditioning.ts";
import { mixTriplets } from "../../lib/studies/mix_triplets.ts";
import { tripletSampler } from "../../lib/studies/triplet_sampler.ts";
import { listSampler } from "../../lib/training/epoch_sampler.ts";

const triplets = (name: string) =>
  Array.from({ length: 7 }, (_, i) => ({
    reference: `${name} ${i}`,
    conditioning: `is ${name} ${i}`,
    target: `t${i}`,
  }));
const samplerOf = (name: string) => tripletSampler(listSampler(triplets(name)));

Deno.test("keywordsOf: function words go; a text without any other word stays", () => {
  assertEquals(keywordsOf("is Red instead of the blue"), "Red blue");
  assertEquals(keywordsOf("make it so"), "make it so");
});

Deno.test("changeTexts: null empties, shuffled moves every text, and the same way each time", () => {
  const texts = [["is red"], ["is blue", "be blue"], ["has a hat"]];
  assertEquals(changeTexts(texts, undefined), texts);
  assertEquals(changeTexts(texts, "null"), [[""], [""], [""]]);
  assertEquals(changeTexts(texts, "keywords"), [["red"], ["blue", "blue"], ["hat"]]);
  const shuffled = changeTexts(texts, "shuffled");
  assertEquals(shuffled, changeTexts(texts, "shuffled"));
  assertEquals([...shuffled].sort(), [...texts].sort());
  assert(shuffled.every((text, i) => text !== texts[i]));
  assertEquals(changeTexts(texts, "paraphrased", [["a"], ["b"], ["c"]]), [["a"], ["b"], ["c"]]);
  assertThrows(() => changeTexts(texts, "paraphrased"), Error, "the testbed has no paraphrases");
});

Deno.test("changeTriplets: shuffled exchanges texts within a draw; a state goes on where it was; the hash is its own", async () => {
  const changed = changeTriplets(samplerOf("a"), "shuffled"), sampler = changed(1), drawn = sampler.next(5);
  assertEquals(
    drawn.map(({ reference }) => reference),
    samplerOf("a")(1).next(5).map(({ reference }) => reference),
  );
  assert(drawn.every(({ reference, conditioning }) => conditioning !== `is ${reference}`));
  assertEquals(
    drawn.map(({ conditioning }) => conditioning).sort(),
    drawn.map(({ reference }) => `is ${reference}`).sort(),
  );
  const state = JSON.parse(JSON.stringify(sampler.state())), next = sampler.next(4);
  assertEquals(changed(state).next(4), next);
  assert(await changed.data() !== await samplerOf("a").data());
  assertEquals(changeTriplets(samplerOf("a"), "null")(1).next(2).map(({ conditioning }) => conditioning), ["", ""]);
  assertThrows(() => changeTriplets(samplerOf("a"), "paraphrased"), Error, "they have no paraphrases");
});

Deno.test("mixTriplets: equal shares over draws of any size; a state goes on where it was", async () => {
  const mixed = mixTriplets([samplerOf("a"), samplerOf("b")]), sampler = mixed(3);
  const names = (count: number) => sampler.next(count).map(({ reference }) => reference[0]).join("");
  assertEquals([names(3), names(3), names(4)], ["aba", "bab", "abab"]);
  const state = JSON.parse(JSON.stringify(sampler.state())), next = sampler.next(5);
  assertEquals(mixed(state).next(5), next);
  const one = samplerOf("a");
  assert(mixTriplets([one]) === one);
  assert(await mixed.data() !== await mixTriplets([samplerOf("b"), samplerOf("a")]).data());
  assertThrows(() => mixTriplets([]), Error, "there is no source");
});
