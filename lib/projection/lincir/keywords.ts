/**
 * Keywords of a caption, as LinCIR masks them: runs of adjectives, nouns, proper nouns and determiners.
 *
 * Parts of speech come from `wink-nlp` with its English model, which uses the same universal tags as spaCy.
 */
import { placeholder } from "../../clip/model/tokenizer.ts";
import type { MaskedCaption } from "./lincir.ts";

/** A word of a caption with its part of speech. */
export interface TaggedWord {
  /** Index of its first character in the caption. */
  start: number;
  /** Index behind its last character. */
  end: number;
  /** Universal part of speech, such as "NOUN". */
  tag: string;
}

const keywordTags = new Set(["ADJ", "NOUN", "PROPN", "DET"]);

/** A part-of-speech tagger: splits a caption into words and finds their parts of speech. */
export type TagWords = (caption: string) => TaggedWord[];

/** The tagger of this process: wink-nlp keeps what it compiles, and the twentieth instance ends the process. */
let tagger: Promise<TagWords> | undefined;

/** Loads the part-of-speech tagger for English with its model of 4 MB, once a process. */
export function loadTagger(): Promise<TagWords> {
  return tagger ??= makeTagger().catch((error) => {
    tagger = undefined;
    throw error;
  });
}

async function makeTagger(): Promise<TagWords> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import("npm:wink-nlp@2.4.0"),
    import("npm:wink-eng-lite-web-model@1.8.1"),
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
