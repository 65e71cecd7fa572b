import { assertEquals } from "@std/assert";
import { maskCaption, maskRandomWord, maskReleased } from "../../lib/projection/lincir/keywords.ts";
import { random } from "../../lib/tensors/random.ts";
import { loadTagger } from "../../lib/triplets/tagger.ts";
import { readGolden } from "../golden.ts";

const tag = await loadTagger();

Deno.test("maskCaption: a run of keywords becomes one [$], everything else stays to the letter", () => {
  const masked = (caption: string) => maskCaption(caption, tag)?.masked;
  assertEquals(masked("A brown dog, running on the green grass!"), "[$], running on [$]!");
  assertEquals(masked("two people  talking"), "two [$]  talking");
  assertEquals(masked("running quickly"), undefined);
  assertEquals(masked(""), undefined);
});

/** Tags as the released program would see them: a tagger that is told what is a keyword. */
const tagged = (keywords: string) => (caption: string) =>
  [...caption.matchAll(/[^\s-]+|-/g)].map(({ index, 0: word }) => ({
    start: index,
    end: index + word.length,
    lemma: word,
    tag: keywords.split(" ").includes(word) ? "NOUN" : "VERB",
  }));

Deno.test("maskReleased: a run's text is replaced wherever it occurs, inside of words too, one run after the other", () => {
  const masked = (caption: string, keywords: string) => maskReleased(caption, tagged(keywords), random(1)).masked;
  assertEquals(masked("a parked car", "a"), "[$] p[$]rked c[$]r");
  assertEquals(masked("a red car next to a car", "a red car"), "[$] next to [$]");
  // "a carpet" occurs in the caption, and no more once "car" is replaced.
  assertEquals(masked("car park is near a carpet", "car a carpet"), "[$] park is near a [$]pet");
  assertEquals(masked("two cars", "none").split("[$]").length, 2);
  // A run that is not written with single spaces does not occur: a random word is replaced, and later runs are left.
  assertEquals(masked("t-shirt on rack", "t - shirt rack").includes("[$]"), true);
  assertEquals(masked("", "none"), "a photo of [$]");
});

Deno.test("maskRandomWord: one word is masked where it stands, signs alone are none, and the seed decides", () => {
  const words = Array.from({ length: 40 }, (_, seed) => maskRandomWord("to be - or to be", random(seed))!.masked);
  assertEquals(
    new Set(words),
    new Set(["[$] be - or to be", "to [$] - or to be", "to be - [$] to be", "to be - or [$] be", "to be - or to [$]"]),
  );
  assertEquals(maskRandomWord("- !", random(1)), undefined);
});

const slice = new URL("../goldens/slices/coco-captions-CC-BY-4.0/captions_val2017.json", import.meta.url);
const coco = new URL("../../../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json", import.meta.url);
const there = await Deno.stat(coco).then(() => true, () => false);

const captionsOf = async (file: URL): Promise<string[]> =>
  JSON.parse(await Deno.readTextFile(file)).annotations.map(({ caption }: { caption: string }) => caption.trim());

/** Counts in how many words, and in how many captions, spaCy calls the same words keywords. */
function compareWithSpacy(captions: readonly string[]) {
  const golden = readGolden<{ captions: { keywords: string; determiners: string }[] }>("spacy_keywords.json");
  const keywordTags = new Set(["ADJ", "NOUN", "PROPN", "DET"]);
  const count = { words: 0, same: 0, captions: 0, wholeCaptions: 0, pronounsAsDeterminers: 0 };
  captions.forEach((caption, i) => {
    const { keywords, determiners } = golden.captions[i], tagged = tag(caption);
    let all = true;
    [...caption.matchAll(/[\p{L}\p{N}]+/gu)].forEach(({ index }, k) => {
      const ours = tagged.find(({ start, end }) => start <= index && index < end)!.tag;
      count.words++;
      if (keywordTags.has(ours) === (keywords[k] === "1")) count.same++;
      else all = false;
      if (ours === "PRON" && determiners[k] === "1") count.pronounsAsDeterminers++;
    });
    count.captions++;
    if (all) count.wholeCaptions++;
  });
  return count;
}

Deno.test("loadTagger: keywords of 300 COCO captions agree with spaCy's as counted", async () => {
  assertEquals(compareWithSpacy(await captionsOf(slice)), {
    words: 3081,
    same: 2946,
    captions: 300,
    wholeCaptions: 189,
    pronounsAsDeterminers: 21,
  });
});

Deno.test({
  name: `loadTagger: keywords of 1,000 COCO captions agree with spaCy's as counted${
    there ? "" : " (skipped: ../shared/data is absent)"
  }`,
  ignore: !there,
  async fn() {
    const captions = (await captionsOf(coco)).filter((_, i) => i % 25 === 0).slice(0, 1000);
    // 95.6 % of the words; a quarter of the rest are "his", "its", ..., which that spaCy calls determiners.
    assertEquals(compareWithSpacy(captions), {
      words: 10521,
      same: 10056,
      captions: 1000,
      wholeCaptions: 638,
      pronounsAsDeterminers: 113,
    });
    assertEquals(await captionsOf(slice), captions.slice(0, 300));
  },
});
