import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { clipTokenizerJson } from "../../lib/clip/files/clip_tokenizer_json.ts";
import { repairText } from "../../lib/clip/model/repair_text.ts";
import { makeTokenizer, type Tokenizer } from "../../lib/clip/model/tokenizer.ts";
import { embeddedConfig } from "../../lib/emoji/model/embedded_model.ts";
import { readGolden } from "../golden.ts";

interface TokenIds {
  counts: Record<string, number>;
  digest: string;
  cases: { text: string; ids: number[] }[];
}

const data = new URL("../../../shared/data/", import.meta.url);
const present = await Deno.stat(data).then(() => true, () => false);
const skip = present ? "" : " (skipped: ../shared/data is absent)";

/** The merges of a file as released, those that the vocabulary uses. */
function mergesIn(file: URL): string[] {
  return new TextDecoder().decode(gunzipSync(Deno.readFileSync(file))).split("\n").slice(1, 48895);
}

const merges = mergesIn(new URL("../goldens/slices/clip-bpe-MIT/merges.txt.gz", import.meta.url));

/** The released vocabulary as `vocab.json` and `merges.txt` hold it. */
function vocabularyAndMerges(): [Record<string, number>, string] {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const printable = [...range(33, 127), ...range(161, 173), ...range(174, 256)];
  const alphabet = [...printable, ...range(256, 512 - printable.length)].map((code) => String.fromCharCode(code));
  const tokens = [
    ...alphabet,
    ...alphabet.map((letter) => `${letter}</w>`),
    ...merges.map((merge) => merge.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  return [Object.fromEntries(tokens.map((token, id) => [token, id])), `#version: 0.2\n${merges.join("\n")}\n`];
}

function tokenizerOf(context: number): Tokenizer {
  const pooling = { at: "first end of text", id: 49407 } as const;
  const [vocabulary, merges] = vocabularyAndMerges();
  return makeTokenizer(
    clipTokenizerJson(vocabulary, merges, "v"),
    { ...embeddedConfig(49408).text, context, pooling },
    "v",
  );
}

/** Ids of one text; a literal "$" is no placeholder here. */
function idsOf(tokenizer: Tokenizer, text: string): number[] {
  return [...tokenizer.encode([text]).ids];
}

Deno.test("makeTokenizer: CLIP's token ids equal transformers' in 200 telling cases", () => {
  assertEquals(merges.length, 48894);
  const tokenizer = tokenizerOf(4096);
  const { cases } = readGolden<TokenIds>("clip_token_ids.json");
  assertEquals(cases.length, 200);
  for (const { text, ids } of cases) {
    // transformers does not repair texts; those are compared below.
    const asItIs = repairText(text) === text.normalize("NFC");
    if (!text.includes("$") && asItIs) assertEquals(idsOf(tokenizer, text), ids, JSON.stringify(text));
  }
  const repaired = cases.map(({ text }) => text).filter((text) => repairText(text) !== text.normalize("NFC"));
  assertEquals(repaired, ["\u4f60\u597d\uff0c\u4e16\u754c", "a\u00a0b\u3000c", "\ufb01ne \u2122 \u00bd"]);
  assertEquals(idsOf(tokenizer, "a photo of [$] that is"), [49406, 320, 1125, 539, 259, 682, 533, 49407]);
});

Deno.test({
  name:
    `makeTokenizer: CLIP's token ids equal transformers' for all of COCO's, SugarCrepe's, CIRR's and FashionIQ's texts${skip}`,
  ignore: !present,
  fn: () => {
    assertEquals(merges, mergesIn(new URL("clip-bpe-MIT/bpe_simple_vocab_16e6.txt.gz", data)));
    const read = (path: string) => JSON.parse(Deno.readTextFileSync(new URL(path, data)));
    const files = (folder: string) =>
      [...Deno.readDirSync(new URL(folder, data))].map(({ name }) => name).filter((name) => name.endsWith(".json"))
        .sort();
    type Row = { caption: string; negative_caption: string; captions: string[] };
    const rows = (folder: string): Row[] => files(folder).flatMap((name) => Object.values(read(folder + name)));
    const texts = [
      ...read("coco-captions-CC-BY-4.0/captions_val2017.json").annotations.map(({ caption }: Row) => caption),
      ...rows("sugarcrepe-MIT/").flatMap(({ caption, negative_caption }) => [caption, negative_caption]),
      ...rows("cirr-MIT/captions/").map(({ caption }) => caption),
      ...rows("fashioniq-CDLA/captions/").flatMap(({ captions }) => captions),
    ] as string[];
    const { counts, digest } = readGolden<TokenIds>("clip_token_ids.json");
    assertEquals(texts.length, Object.values(counts).reduce((a, b) => a + b));
    const tokenizer = tokenizerOf(4096), hash = createHash("sha256");
    for (const text of texts) {
      // The one thing we refuse and the reference takes: a literal "$", which is the placeholder's own id.
      const ids = text.includes("$") ? idsOf(tokenizer, text.replaceAll("$", " [$] ")) : idsOf(tokenizer, text);
      hash.update(new Uint8Array(Int32Array.of(ids.length, ...ids).buffer));
    }
    assertEquals(hash.digest("hex"), digest);
  },
});

Deno.test("makeTokenizer: texts are repaired as by OpenAI's tokenizer, and a reference to $ is no placeholder", () => {
  const tokenizer = tokenizerOf(77),
    same = (text: string, repaired: string) => {
      assertEquals(idsOf(tokenizer, text), idsOf(tokenizer, repaired), text);
    };
  const { cases } = readGolden<{ cases: { text: string; repaired: string }[] }>("repaired_texts.json");
  // What a page's source quotes twice is repaired once more when it is read again.
  const steady = cases.filter(({ repaired }) => repairText(repaired) === repaired);
  assertEquals(cases.length - steady.length, 1);
  for (const { text, repaired } of steady) same(text, repaired.replaceAll("$", ""));
  same("a photo of [$] that isn\u2019t &quot;red&quot;", 'a photo of [$] that isn\'t "red"');
  same("[$] for &dollar;5", "[$] for 5");
  assertEquals(idsOf(tokenizer, "don\u2019t"), [49406, 847, 713, 49407]);
});

Deno.test("makeTokenizer: a long text is cut to 77 tokens, its end-of-text kept", () => {
  const { ids, length, endAt } = tokenizerOf(77).encode(["a cat ".repeat(100)]);
  assert(length === 77 && ids[76] === 49407 && endAt[0] === 76);
});

Deno.test("clipTokenizerJson: a vocabulary without special tokens is refused", () => {
  assertThrows(
    () => clipTokenizerJson({}, "", "vocab.json"),
    Error,
    'vocab.json failed: it has no token "<|startoftext|>"',
  );
});
