import { assertEquals, assertRejects } from "@std/assert";
import { readCaptions } from "../../lib/projection/lincir/caption_file.ts";
import { loadTagger, maskCaption } from "../../lib/projection/lincir/keywords.ts";
import { readGolden } from "../golden.ts";

const tag = await loadTagger();

Deno.test("a run of keywords becomes one [$], everything else stays to the letter", () => {
  const masked = (caption: string) => maskCaption(caption, tag)?.masked;
  assertEquals(masked("A brown dog, running on the green grass!"), "[$], running on [$]!");
  assertEquals(masked("two people  talking"), "two [$]  talking");
  assertEquals(masked("running quickly"), undefined);
  assertEquals(masked(""), undefined);
});

const coco = new URL("../../../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json", import.meta.url);
const there = await Deno.stat(coco).then(() => true, () => false);

Deno.test({
  name: `keywords of 1,000 COCO captions agree with spaCy's as counted${
    there ? "" : " (skipped: ../shared/data is absent)"
  }`,
  ignore: !there,
  async fn() {
    const { annotations } = JSON.parse(await Deno.readTextFile(coco));
    const golden = readGolden<{ captions: { keywords: string; determiners: string }[] }>("spacy_keywords.json");
    const keywordTags = new Set(["ADJ", "NOUN", "PROPN", "DET"]);
    const count = { words: 0, same: 0, captions: 0, wholeCaptions: 0, pronounsAsDeterminers: 0 };
    golden.captions.forEach(({ keywords, determiners }, i) => {
      const caption: string = annotations[25 * i].caption.trim();
      const tagged = tag(caption);
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
    // 95.6 % of the words; a quarter of the rest are "his", "its", ..., which that spaCy calls determiners.
    assertEquals(count, {
      words: 10521,
      same: 10056,
      captions: 1000,
      wholeCaptions: 638,
      pronounsAsDeterminers: 113,
    });
  },
});

Deno.test("captions are read with those left out counted, and a file without any is refused", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "A red apple\n\n  running \nPrice: $5 for <PERSON>\n");
  assertEquals(await readCaptions(file), {
    captions: [
      { caption: "a red apple", masked: "[$]" },
      { caption: "price: 5 for person", masked: "[$]: 5 for [$]" },
    ],
    withoutKeyword: 1,
  });
  await Deno.writeTextFile(file, "\n\n");
  await assertRejects(() => readCaptions(file), Error, "holds none; write one a line");
  await Deno.writeTextFile(file, "running\n");
  await assertRejects(() => readCaptions(file), Error, "none of the 1 of");
  await assertRejects(() => readCaptions("no/file"), Error, "there is no file no/file");
  await Deno.remove(file);
});
