import { assert, assertEquals, assertThrows } from "@std/assert";
import { makeTokenizer } from "../../lib/clip/model/tokenizer.ts";
import { embeddedConfig } from "../../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../../lib/embedded/tokenizer.ts";

const words = ["a", "photo", "of", "that", "is", "red", "medium-dark", "mans", "pinata"];
const config = { ...embeddedConfig(words.length + 4).text, context: 8 };
const json = embeddedTokenizerJson(words);
const warnings: string[] = [];
const tokenizer = makeTokenizer(json, config, "t.json", (message) => warnings.push(message));

Deno.test("rows are padded to the longest, and say where they end and where the placeholder stands", () => {
  const batch = tokenizer.encode(["a photo of [$]", "a photo of [$] that is"]);
  assertEquals([batch.rows, batch.length], [2, 8]);
  assertEquals([...batch.ids], [0, 4, 5, 6, 3, 1, 1, 1, 0, 4, 5, 6, 3, 7, 8, 1]);
  assertEquals([...batch.endAt], [5, 7]);
  assertEquals([...batch.pseudoTokenMask!], [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
  assertEquals(tokenizer.encode(["red"]).pseudoTokenMask, undefined);
});

Deno.test("a row that is too long is cut, its end-of-text kept", () => {
  const { ids, length } = tokenizer.encode(["red red red red red red red red red"]);
  assertEquals([length, ids[6], ids[7]], [8, 9, 1]);
});

Deno.test("case, accents and punctuation do not matter; unknown words are named", () => {
  assertEquals(tokenizer.tokens("Medium-Dark, man’s PIÑATA!"), [
    "<|startoftext|>",
    "medium-dark",
    "mans",
    "pinata",
    "<|endoftext|>",
  ]);
  assertEquals(tokenizer.unknownWords("a photo of [$] that is zorg, red"), ["zorg,"]);
  for (let i = 0; i < 2; i++) tokenizer.encode(["red zorg", "blah zorg"]);
  assertEquals(warnings, [
    'The vocabulary of t.json does not know "zorg": read as "<|unknown|>", which means nothing.',
    'The vocabulary of t.json does not know "blah": read as "<|unknown|>", which means nothing.',
  ]);
});

Deno.test("texts that would misplace the placeholder are refused", () => {
  assertThrows(() => tokenizer.encode(["is $5"]), Error, 'a literal "$" would be taken for the placeholder');
  assertThrows(() => tokenizer.encode(["red", "a [$]"]), Error, "1 have [$] and the others not");
  assertThrows(() => tokenizer.encode(["red red red red red red red [$]"]), Error, "[$] lies beyond the 8 tokens");
  assertThrows(() => tokenizer.encode(["[$] red red red red red red [$]"]), Error, "[$] lies beyond the 8 tokens");
  assertEquals(tokenizer.encode(["[$] red red red red [$]"]).length, 8);
});

Deno.test("a tokenizer that does not fit its model is refused", () => {
  const without = (word: string) => {
    const copy = structuredClone(json) as {
      model: { vocab: Record<string, number> };
      added_tokens: { content: string }[];
    };
    delete copy.model.vocab[word];
    copy.added_tokens = copy.added_tokens.filter(({ content }) => content !== word);
    return copy;
  };
  assertThrows(() => makeTokenizer(without("<|endoftext|>"), config, "t.json"), Error, 'no token "<|endoftext|>"');
  assertThrows(() => makeTokenizer(without("$"), config, "t.json"), Error, 'no token "$"');
  const other = { ...config, pooling: { at: "first end of text" as const, id: 9 } };
  assertThrows(() => makeTokenizer(json, other, "t.json"), Error, "has id 1 and config.json says 9");
});

Deno.test("the legacy rule pools at the largest id", () => {
  const legacy = makeTokenizer(json, { ...config, pooling: { at: "largest id" } }, "t.json");
  // In this vocabulary words have larger ids than the end of text, so the rule shows.
  assertEquals([...legacy.encode(["red a"]).endAt], [1]);
  assert(legacy.encode(["red"]).ids.length === 3);
});
