/** Keywords of a caption, as LinCIR masks them: runs of adjectives, nouns, proper nouns and determiners. */
import { imagePrompt } from "../prompts.ts";
import { placeholder } from "../../clip/model/tokenizer.ts";
import type { Random } from "../../tensors/random.ts";
import type { TagWords } from "../../triplets/tagger.ts";
import type { MaskedCaption } from "./lincir.ts";

const keywordTags = new Set(["ADJ", "NOUN", "PROPN", "DET"]);

/**
 * Replaces each run of keywords by one `[$]`; returns undefined for a caption without keyword.
 *
 * @example
 * ```ts
 * import { loadTagger, maskCaption } from "@rtd/toolkit/projection";
 * import { assertEquals } from "@std/assert";
 *
 * const tag = await loadTagger();
 * assertEquals(maskCaption("a brown dog running on the grass", tag)?.masked, "[$] running on [$]");
 * assertEquals(maskCaption("running", tag), undefined);
 * ```
 */
export function maskCaption(caption: string, tag: TagWords): MaskedCaption | undefined {
  let masked = "", at = 0, inRun = false;
  for (const { start, end, tag: part } of tag(caption)) {
    const between = caption.slice(at, start);
    if (!keywordTags.has(part)) masked += between + caption.slice(start, end);
    else if (!inRun) masked += between + placeholder;
    inRun = keywordTags.has(part);
    at = end;
  }
  return masked.includes(placeholder) ? { caption, masked: masked + caption.slice(at) } : undefined;
}

/** Masks one word of a caption, drawn at random, where it stands; returns undefined for a caption without letter or digit. */
export function maskRandomWord(caption: string, rng: Random): MaskedCaption | undefined {
  const words = [...caption.matchAll(/\S*[\p{L}\p{N}]\S*/gu)];
  if (words.length === 0) return undefined;
  const { index, 0: word } = words[rng.int(words.length)];
  return { caption, masked: caption.slice(0, index) + placeholder + caption.slice(index + word.length) };
}

/**
 * Masks keywords as the released program does: each run's words, joined by single spaces, are replaced wherever they
 * occur; without keyword, or at the first run that does not occur so, a word drawn at random is replaced wherever it occurs,
 * and the rest is left; what has no placeholder after all becomes "a photo of [$]".
 */
export function maskReleased(caption: string, tag: TagWords, rng: Random): MaskedCaption {
  const runs: string[][] = [];
  let inRun = false;
  for (const { start, end, tag: part } of tag(caption)) {
    const isKeyword = keywordTags.has(part), word = caption.slice(start, end);
    if (isKeyword && inRun) runs[runs.length - 1].push(word);
    else if (isKeyword) runs.push([word]);
    inRun = isKeyword;
  }
  let masked = caption;
  for (const keyword of runs.length > 0 ? runs.map((run) => run.join(" ")) : [""]) {
    if (keyword !== "" && caption.includes(keyword)) masked = masked.replaceAll(keyword, placeholder);
    else {
      const words = caption.split(" "), word = words[rng.int(words.length)];
      // Of two spaces in a row the empty text between them is drawn too; there it is put between all letters.
      if (word !== "") masked = masked.replaceAll(word, placeholder);
      break;
    }
  }
  return { caption, masked: masked.includes(placeholder) ? masked : imagePrompt };
}
