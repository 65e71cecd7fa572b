/** The words of a caption that a rule may swap: nouns with their article, plural nouns, and adjectives before nouns. */
import type { Lexicon } from "./lexicon.ts";
import { numberOf, singularOf } from "./noun_forms.ts";
import { quantity, type Word } from "./words.ts";

/** How a keyword is used; only words that the corpus uses in the same way take its place. */
export type SlotKind = "noun after a" | "noun after the" | "plural noun" | "adjective" | "adjective before adjective";

/** A keyword of a caption. */
export interface Slot {
  /** Index of its first character in the caption. */
  start: number;
  /** Index behind its last character. */
  end: number;
  kind: SlotKind;
  /** The keyword in lower case: one or two nouns, or an adjective. */
  word: string;
  /**
   * What stands beside it and decides which words make sense there: the verb or preposition before a noun ("hold",
   * "group of"), or behind one that begins its caption; the noun that an adjective describes.
   */
  place: string;
  /** The noun that an adjective describes, in lower case; absent for nouns. */
  noun?: string;
  /** Where the "a" or "an" directly before the keyword stands, if there is one. */
  article?: { start: number; end: number };
}

/** Most nouns that name one thing together, such as "fire hydrant". */
const mostNouns = 2;

const definite = new Set("the this that his her its their my your".split(" "));

/** Finds the keywords of a caption that may be swapped. */
export function findSlots(words: readonly Word[], lexicon: Lexicon): Slot[] {
  const slots: Slot[] = [];
  for (let i = 0; i < words.length; i++) {
    const run = nounRun(words, i, lexicon);
    if (run === 0) continue;
    const first = i, last = i + run - 1, noun = words.slice(first, last + 1).map(({ text }) => text).join(" ");
    const adjectives = adjectivesBefore(words, first, lexicon);
    const whole = run <= mostNouns && words[last + 1]?.text !== "of";
    const kind = whole ? nounKind(words, first, noun, lexicon) : undefined;
    if (kind) slots.push({ ...slotAt(words, first, last), kind, word: noun, place: placeOf(words, first, last) });
    for (const at of whole && numberOf(noun) ? adjectives : []) {
      const kind = at === first - 1 ? "adjective" : "adjective before adjective";
      slots.push({ ...slotAt(words, at, at), kind, word: words[at].text, noun, place: singularOf(noun) });
    }
    i = last;
  }
  return slots;
}

/** Number of nouns in a row from index `i` on; 0 if other words join them, of which nobody knows where the noun ends. */
function nounRun(words: readonly Word[], i: number, lexicon: Lexicon): number {
  let run = 0;
  while (isNounAt(words[i + run], lexicon) && words[i + run].apart) run++;
  const before = words[i - 1], after = words[i + run];
  if (run === 0 || before?.tag === "PROPN" || before?.tag === "NOUN" || isParticiple(before, words[i - 2])) return 0;
  if (after && (!after.apart && /^[-'’\p{L}]/u.test(after.text) || after.tag === "PROPN")) return 0;
  // "a silver pan topped with": the tagger takes the noun that the others belong to for a verb.
  return after?.tag === "ADJ" || after?.tag === "NOUN" || after && lexicon.isNoun(after.text) ? 0 : run;
}

const isNounAt = (word: Word | undefined, lexicon: Lexicon) => word?.tag === "NOUN" && lexicon.isNoun(word.text);

/** Whether a word in "-ing" belongs to the noun behind it, as in "a parking lot". */
function isParticiple(word: Word | undefined, before: Word | undefined): boolean {
  return word !== undefined && word.text.endsWith("ing") &&
    (word.tag !== "VERB" || before === undefined || ["DET", "ADJ", "ADP", quantity].includes(before.tag));
}

/** Indices of the adjectives directly before index `first` that may be swapped. */
function adjectivesBefore(words: readonly Word[], first: number, lexicon: Lexicon): number[] {
  const found: number[] = [];
  for (let at = first - 1; words[at]?.tag === "ADJ" && words[at + 1].apart && words[at].apart; at--) {
    if (lexicon.isAdjective(words[at].text) && words[at - 1]?.tag !== "NOUN") found.push(at);
  }
  return found.reverse();
}

/** How a noun is used; undefined where its number or its article is not told. */
function nounKind(words: readonly Word[], first: number, noun: string, lexicon: Lexicon): SlotKind | undefined {
  const number = numberOf(noun);
  let at = first - 1;
  while (words[at]?.tag === "ADJ" || words[at]?.tag === quantity) at--;
  const before = words[at], isA = before?.text === "a" || before?.text === "an";
  if (number === "plural") return isA ? undefined : "plural noun";
  if (number !== "singular") return undefined;
  const counted = words.slice(at + 1, first).some(({ tag }) => tag === quantity);
  if (isA && !counted) return lexicon.isCountable(noun.slice(noun.lastIndexOf(" ") + 1)) ? "noun after a" : undefined;
  return definite.has(before?.text) && !counted ? "noun after the" : undefined;
}

/** The base form of the word that leads to a noun; of the word behind it, where none does. */
function placeOf(words: readonly Word[], first: number, last: number): string {
  let at = first - 1;
  while (["DET", "ADJ", "ADV", quantity].includes(words[at]?.tag) || definite.has(words[at]?.text)) at--;
  if (at < 0) return `- ${words[last + 1]?.lemma ?? ""}`;
  return words[at].text === "of" && at > 0 ? `${words[at - 1].lemma} of` : words[at].lemma;
}

function slotAt(words: readonly Word[], first: number, last: number): Pick<Slot, "start" | "end" | "article"> {
  const before = words[first - 1], place = { start: words[first].start, end: words[last].end };
  if (before?.text !== "a" && before?.text !== "an") return place;
  return { ...place, article: { start: before.start, end: before.end } };
}
