/**
 * Keywords of a caption, as LinCIR masks them: runs of adjectives, nouns, proper nouns and determiners.
 *
 * Parts of speech are those of `wink-nlp` with its English model, which uses the universal tags that spaCy uses too.
 */
import { pseudoWord } from "../clip/tokenizer.ts";
import type { MaskedCaption } from "./lincir.ts";

/** A stretch of the caption, from `start` up to `end`, that is a keyword or is not. */
export interface TaggedWord {
  start: number;
  end: number;
  /** Universal part of speech, such as "NOUN". */
  tag: string;
}

const keywordTags = new Set(["ADJ", "NOUN", "PROPN", "DET"]);

/** Finds the words of a caption and their parts of speech. */
export type TagWords = (caption: string) => TaggedWord[];

/** Loads the tagger; its model is 4 MB and takes a moment, so only who needs it pays. */
export async function loadTagger(): Promise<TagWords> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import("wink-nlp"),
    import("wink-eng-lite-web-model"),
  ]);
  const nlp = winkNLP(model, ["sbd", "pos"]);
  return (caption) => {
    const tokens = nlp.readDoc(caption).tokens();
    const words = tokens.out(nlp.its.value) as string[], tags = tokens.out(nlp.its.pos) as string[];
    let at = 0;
    return words.map((word, i) => {
      const start = caption.indexOf(word, at);
      at = start + word.length;
      return { start, end: at, tag: tags[i] };
    });
  };
}

/**
 * The caption with each run of keywords replaced by one `[$]`, or nothing if it has no keyword.
 *
 * @example
 * ```ts
 * import { loadTagger, maskCaption } from "@rtd/toolkit";
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
    else if (!inRun) masked += between + pseudoWord;
    inRun = keywordTags.has(part);
    at = end;
  }
  return masked.includes(pseudoWord) ? { caption, masked: masked + caption.slice(at) } : undefined;
}
