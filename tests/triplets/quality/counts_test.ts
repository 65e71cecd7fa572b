import { assertEquals } from "@std/assert";
import { random } from "../../../lib/tensors/random.ts";
import { changeNamed } from "../../../lib/triplets/quality/change_named.ts";
import { distinctCount } from "../../../lib/triplets/quality/distinct.ts";
import { lengthCounts } from "../../../lib/triplets/quality/lengths.ts";
import { openingCounts } from "../../../lib/triplets/quality/openings.ts";
import { reservoir } from "../../../lib/triplets/quality/sample.ts";
import { pieceCounter } from "../../../lib/triplets/quality/token_count.ts";
import { contentWords, wordsOf } from "../../../lib/triplets/quality/words.ts";

Deno.test("wordsOf: letters and digits, without the end of an apostrophe and the plural", () => {
  const words = wordsOf("the dog's 2 dogs, on glass-tables; tennis on a bus");
  assertEquals(words.join(" "), "the dog 2 dog on glass table tennis on a bus");
  assertEquals(wordsOf("été à 3 pots, isn\u2019t"), ["été", "à", "3", "pot", "isn"]);
  assertEquals([...contentWords("it is the same dog in two parks with a dog")], ["dog", "two", "park"]);
});

Deno.test("changeNamed: what a conditioning text says of the change, by words", () => {
  const of = (reference: string, conditioning: string, target: string) =>
    changeNamed({ reference, conditioning, target });
  assertEquals(of("a red apple", "make it green", "a green apple"), "names some");
  assertEquals(of("a dog", "add two cats", "a dog and a cat"), "names some");
  assertEquals(of("a red apple", "change the colour", "a green apple"), "names none");
  assertEquals(of("a dog on a bed", "remove the dog", "a bed"), "target adds no word");
  assertEquals(of("a dog", "in the same place", "dogs"), "target adds no word");
  assertEquals(of("a dog", "a cat", "a dog"), "nothing changes");
});

Deno.test("lengthCounts: percentiles are the least length that a share does not exceed", () => {
  const counts = lengthCounts();
  assertEquals(counts.percentiles(), { least: 0, median: 0, p90: 0, p99: 0, most: 0 });
  for (let i = 100; i >= 1; i--) counts.add(i);
  assertEquals(counts.percentiles(), { least: 1, median: 50, p90: 90, p99: 99, most: 100 });
  counts.add(10_000);
  assertEquals(counts.percentiles(), { least: 1, median: 51, p90: 91, p99: 100, most: 10_000 });
});

Deno.test("distinctCount: a hundred thousand texts are told apart; a full table ends the count", () => {
  const count = distinctCount();
  for (let i = 0; i < 100_000; i++) count.add(`a photo of dog ${i}`);
  for (let i = 0; i < 500; i++) count.add(`a photo of dog ${i * 7}`);
  assertEquals([count.distinct(), count.counted()], [100_000, 100_500]);
  const small = distinctCount(3);
  for (const text of ["a", "b", "a", "c", "b", "d", "a"]) small.add(text);
  assertEquals([small.distinct(), small.counted()], [3, 5]);
});

Deno.test("openingCounts: the first two words, the most frequent first, what came first before its equals", () => {
  const counts = openingCounts();
  for (const text of ["make it red", "make it blue", "add a  dog", "dog", "", "add a cat", "is"]) counts.add(text);
  assertEquals(counts.top(3), {
    openings: [{ text: "make it", count: 2 }, { text: "add a", count: 2 }, { text: "dog", count: 1 }],
    others: 0,
    distinct: 5,
  });
});

Deno.test("openingCounts: openings beyond 65,536 are counted together", () => {
  const counts = openingCounts();
  for (let i = 0; i < 70_000; i++) counts.add(`word${i} next`);
  counts.add("word5 next");
  const { openings, others, distinct } = counts.top(1);
  assertEquals([openings, others, distinct], [[{ text: "word5 next", count: 2 }], 70_000 - 65_536, 65_536]);
});

Deno.test("reservoir: all of a short stream; of a long one every item is drawn equally often", () => {
  const draw = (size: number, seed: number) => {
    const sample = reservoir<number>(size, random(seed));
    for (let i = 0; i < 20; i++) sample.offer(i);
    return sample.items();
  };
  assertEquals(draw(30, 1), Array.from({ length: 20 }, (_, i) => i));
  assertEquals(draw(5, 1), draw(5, 1));
  const times = new Array(20).fill(0);
  const rng = random(3);
  for (let run = 0; run < 4000; run++) draw(5, rng.int(2 ** 31)).forEach((item) => times[item]++);
  // 1000 each; the standard deviation is 27, and six of them are never met by chance.
  assertEquals(times.filter((count) => Math.abs(count - 1000) > 165), []);
});

Deno.test("pieceCounter: pieces of CLIP's own pattern, with start and end", () => {
  const counted: [string, number][] = [
    ["", 2],
    ["a photo of a dog", 7],
    ["it's 2024!!", 2 + 2 + 4 + 1],
    ["a well-lit room, don't", 2 + 6 + 2],
  ];
  for (const [text, count] of counted) assertEquals([text, pieceCounter.count(text)], [text, count]);
});
