import { assert, assertEquals } from "@std/assert";
import { countCirrLengths } from "../../bench/cirr_lengths.ts";
import cirrLengths from "../../bench/cirr_lengths.json" with { type: "json" };
import { makeTokenizer } from "../../lib/clip/model/tokenizer.ts";
import { composedPrompt } from "../../lib/projection/prompts.ts";
import { cirrLikeTriplets } from "../../bench/texts.ts";
import { towers } from "../../bench/towers.ts";
import { vocabularyOf, wordsOf } from "../../bench/vocabularies.ts";

const data = new URL("../../../shared/data/", import.meta.url);
const present = await Deno.stat(new URL("cirr-captions-WeiMoCIR-MIT", data)).then(() => true, () => false);

Deno.test({
  name: `cirr_lengths.json: counted again from the annotations${present ? "" : " (skipped: ../shared/data is absent)"}`,
  ignore: !present,
  fn: () => assertEquals(countCirrLengths(data), cirrLengths),
});

Deno.test("cirrLikeTriplets: their lengths in CLIP's tokens are those that were drawn", async () => {
  const vocabulary = await vocabularyOf("ViT-B/32"), words = wordsOf("ViT-B/32", vocabulary);
  assert(words.length > 1000);
  const tokenizer = makeTokenizer(vocabulary, towers["ViT-B/32"], "the vocabulary");
  const [batch, other] = cirrLikeTriplets(words, { steps: 2, batch: 400 });
  assert(batch[0].conditioning !== other[0].conditioning);
  assertEquals(cirrLikeTriplets(words, { steps: 1, batch: 400 }), [batch]);
  const counts = (texts: string[]) => texts.map((text) => tokenizer.encode([text]).length);
  const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  /** The mean of "9:1 10:7", and the lengths in it. */
  const expected = (text: string) => {
    const pairs = text.split(" ").map((pair) => pair.split(":").map(Number));
    const all = pairs.flatMap(([length, count]) => Array<number>(count).fill(length));
    return { mean: mean(all), lengths: new Set(all) };
  };
  for (
    const [found, wanted] of [
      [counts(batch.map(({ conditioning }) => composedPrompt(conditioning))), expected(cirrLengths.composed)],
      [counts(batch.map(({ reference }) => reference)), expected(cirrLengths.reference)],
      [counts(batch.map(({ target }) => target)), expected(cirrLengths.target)],
    ] as const
  ) {
    assert(found.every((length) => wanted.lengths.has(length)));
    // The standard error of a mean of 400 is 0.2.
    assert(Math.abs(mean(found) - wanted.mean) < 0.8, `${mean(found)} ${wanted.mean}`);
  }
});
