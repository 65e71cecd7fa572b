import { assertEquals } from "@std/assert";
import { maskCaption } from "../../lib/projection/lincir/keywords.ts";
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
