/** A caption as words that rules can look at: where they stand, how they are written, their part of speech. */
import type { TagWords } from "../tagger.ts";

/** A word of a caption. */
export interface Word {
  /** Index of its first character in the caption. */
  start: number;
  /** Index behind its last character. */
  end: number;
  /** The word in lower case. */
  text: string;
  /** Its part of speech, such as "NOUN", or {@linkcode quantity} for a word that says how many or which. */
  tag: string;
  /** Its base form in lower case. */
  lemma: string;
  /** Whether a space, or the caption's start, stands before it. */
  apart: boolean;
}

/** The tag of numbers, and of words that taggers call adjectives but that say how many or which. */
export const quantity = "QUANTITY";

const quantities = new Set(
  ("many several few various multiple numerous other same own such more most less least much enough certain both " +
    "first second third last next single double triple half different opposite whole extra").split(" "),
);

/** Nouns in "-ing"; behind another noun the tagger calls every such word one, as in "people standing". */
const nounsInIng = new Set(
  ("building clothing painting railing ceiling wing ring king string thing evening morning awning lighting siding icing " +
    "pudding wedding topping dressing stuffing crossing landing setting spring sling swing offspring").split(" "),
);

/** Splits a caption into words; undefined if the tagger's words are not those of the caption. */
export function wordsOf(caption: string, tag: TagWords): Word[] | undefined {
  const words: Word[] = [];
  let end = 0;
  for (const { start, end: behind, tag: part, lemma } of tag(caption)) {
    if (start < end) return undefined;
    const text = caption.slice(start, behind).toLowerCase();
    const counts = part === "NUM" || (part === "ADJ" || part === "NOUN" || part === "PROPN") && quantities.has(text);
    const apart = start === 0 || caption[start - 1] === " ";
    const acts = part === "NOUN" && words.at(-1)?.tag === "NOUN" && text.endsWith("ing") && !nounsInIng.has(text);
    words.push({ start, end: behind, text, tag: counts ? quantity : acts ? "VERB" : part, lemma, apart });
    end = behind;
  }
  return words;
}
