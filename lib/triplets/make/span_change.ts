/** What a span of words in the place of another says: whether it is a change, and how it is worded. */
import type { Random } from "../../tensors/random.ts";
import { articleOf, numberOf } from "./noun_forms.ts";
import {
  adjectiveTemplates,
  type Change,
  drawTemplate,
  nounTemplates,
  phraseTemplates,
  wordChange,
} from "./templates.ts";
import { quantity, type Word } from "./words.ts";

/** A caption's words with a span of them. */
export interface SpanInWords {
  words: readonly Word[];
  /** Index of the span's first word, and the index behind its last. */
  start: number;
  end: number;
}

/** Parts of speech of words that an image can show. */
const shown = new Set(["NOUN", "PROPN", "ADJ", "VERB", "ADV", quantity]);

/**
 * Words a change by a template; both the old and the new words are in it.
 *
 * @returns the text, or why the span is no change of what an image shows, or cannot be worded
 */
export function wordSpanChange(
  old: SpanInWords,
  now: SpanInWords,
  rng: Random,
): { template: string; text: string } | { reason: string } {
  const content = ({ words, start, end }: SpanInWords) =>
    words.slice(start, end).filter(({ tag }) => shown.has(tag)).map(({ lemma }) => lemma).join("").replaceAll("-", "");
  const [before, after] = [content(old), content(now)];
  if (before === "" || after === "") return { reason: "pair that differs in words that an image does not show" };
  if (before === after) return { reason: "pair that differs in the forms or the spelling of words alone" };
  const found = worded(old, now);
  if (!found) return { reason: "pair whose spans are not both whole phrases" };
  const template = drawTemplate(found[0], rng);
  return { template, text: wordChange(template, found[1]) };
}

type Worded = [templates: readonly string[], change: Change];

function worded(old: SpanInWords, now: SpanInWords): Worded | undefined {
  return adjectiveChange(old, now) ?? nounChange(toNoun(old), toNoun(now)) ?? phraseChange(old, now);
}

/** Adjectives before a noun in the place of others. */
function adjectiveChange(old: SpanInWords, now: SpanInWords): Worded | undefined {
  if (!isEach(old, ["ADJ"]) || !isEach(now, ["ADJ"])) return undefined;
  const { words, end } = now, noun = textOf({ words, start: end, end: toNoun(now).end }), number = numberOf(noun);
  if (noun === "" || number === undefined) return undefined;
  const change = { old: textOf(old), new: textOf(now), noun: { text: noun, plural: number === "plural" } };
  return [adjectiveTemplates, change];
}

/** A noun phrase in the place of another, each with an article. */
function nounChange(old: SpanInWords, now: SpanInWords): Worded | undefined {
  if (!isNounPhrase(old) || !isNounPhrase(now)) return undefined;
  const bare = withoutDeterminer(old);
  return bare === "" ? undefined : [nounTemplates, { old: `the ${bare}`, new: withDeterminer(now) }];
}

/** What someone does, or where something is, in the place of another such phrase. */
function phraseChange(old: SpanInWords, now: SpanInWords): Worded | undefined {
  return isVerbOrPlace(old) && isVerbOrPlace(now)
    ? [phraseTemplates, { old: textOf(old), new: textOf(now) }]
    : undefined;
}

/** A span of modifiers with the nouns behind it, which both captions share: "two" in "two dogs". */
function toNoun(span: SpanInWords): SpanInWords {
  const { words, end } = span;
  if (!isEach(span, modifiers)) return span;
  let to = end;
  while (words[to]?.tag === "NOUN") to++;
  return { ...span, end: to };
}

/** Parts of speech before a noun that belong to its phrase. */
const modifiers = ["NOUN", "ADJ", "DET", quantity];

function isEach({ words, start, end }: SpanInWords, tags: readonly string[]): boolean {
  return words.slice(start, end).every(({ tag }) => tags.includes(tag));
}

function isNounPhrase({ words, start, end }: SpanInWords): boolean {
  const inside = words.slice(start, end), behind = words[end];
  return inside.at(-1)!.tag === "NOUN" && behind?.tag !== "NOUN" && behind?.text !== "of" &&
    modifiers.includes(inside[0].tag) &&
    inside.every(({ tag, text }) => modifiers.includes(tag) || /^(of|and)$/.test(text));
}

/** Whether a span is a verb or preposition with what belongs to it: "standing", "riding horses", "on a ramp". */
function isVerbOrPlace({ words, start, end }: SpanInWords): boolean {
  const first = words[start], last = words[end - 1], behind = words[end];
  if (first.tag === "ADP") return last.tag === "NOUN" && behind?.tag !== "NOUN" && behind?.text !== "of";
  return first.tag === "VERB" &&
    (last.tag === "NOUN" ? behind?.tag !== "NOUN" && behind?.text !== "of" : last.tag === "VERB" || last.tag === "ADV");
}

function withoutDeterminer({ words, start, end }: SpanInWords): string {
  return textOf({ words, start: words[start].tag === "DET" ? start + 1 : start, end });
}

/** The phrase with the determiner that stands in it, or before it, but for adjectives and nouns between. */
function withDeterminer(span: SpanInWords): string {
  const { words, start } = span, text = textOf(span);
  if (words[start].tag === "DET") return text;
  let at = start - 1;
  while (words[at]?.tag === "ADJ" || words[at]?.tag === "NOUN") at--;
  if (words[at]?.tag !== "DET") return text;
  return `${/^an?$/.test(words[at].text) ? articleOf(text) : words[at].text} ${text}`;
}

function textOf({ words, start, end }: SpanInWords): string {
  return words.slice(start, end).map(({ text, apart }, i) => i > 0 && apart ? ` ${text}` : text).join("");
}
