import { assertEquals } from "@std/assert";
import { countLongTexts } from "../../lib/clip/count_long_texts.ts";
import { inspectClip } from "../../lib/clip/files/model_folder.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";

Deno.test("countLongTexts: those that fill the context, as the tokenizer counts them", async () => {
  const clip = await inspectClip(embeddedModelFolder()), { context } = clip.config.text;
  const words = (count: number) => Array(count).fill("red").join(" ");
  assertEquals(clip.tokenizer.encode([words(context - 3)]).length, context - 1);
  const long = [words(context - 2), words(context + 9), Array(context).fill("caf\u00e9").join(" ")];
  assertEquals(countLongTexts(clip, ["", "red apple", "caf\u00e9", words(context - 3), ...long]), long.length);
});

Deno.test("countLongTexts: short texts are not tokenized, short letters of many tokens are", () => {
  const asked: string[] = [];
  const tokenizer = {
    encode: ([text]: readonly string[]) => (asked.push(text), { length: text.startsWith("\u{1f34e}") ? 8 : 3 }),
  };
  // deno-lint-ignore no-explicit-any
  const clip = { tokenizer, config: { text: { context: 8 } } } as any;
  assertEquals(countLongTexts(clip, ["hello", "helloo", "\u{1f34e}"]), 1);
  assertEquals(asked, ["helloo", "\u{1f34e}"]);
});
