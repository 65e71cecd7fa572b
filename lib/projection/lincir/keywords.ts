/** Keywords of a caption, as LinCIR masks them: runs of adjectives, nouns, proper nouns and determiners. */
import { placeholder } from "../../clip/model/tokenizer.ts";
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
