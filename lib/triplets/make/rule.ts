/** Triplets by rule: a keyword of a caption is swapped for another of the same corpus, and a template says so. */
import { nextTurn } from "../../io/next_turn.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { type Random, random } from "../../tensors/random.ts";
import type { TagWords } from "../tagger.ts";
import { findSlots, type Slot } from "./keyword_slots.ts";
import { makeLexicon } from "./lexicon.ts";
import { drop, type Dropped, type MadeTriplet } from "./made_triplet.ts";
import { articleOf, numberOf, singularOf } from "./noun_forms.ts";
import type { SourceCaption } from "./source_captions.ts";
import { adjectiveTemplates, drawTemplate, nounTemplates, wordChange } from "./templates.ts";
import { makeVocabulary, type Vocabulary } from "./vocabulary.ts";
import { wordsOf } from "./words.ts";

/** Options of {@linkcode ruleTriplets}. */
export interface RuleOptions {
  /** Part-of-speech tagger. */
  tag: TagWords;
  /** Seed of all draws. */
  seed: number;
  /** Triplets to make, spread evenly over the captions that have a keyword; by default one for each of these. */
  count?: number;
  /** Uses in the corpus from which a word can be swapped in (default 5); it keeps misspelt words out. */
  leastCount?: number;
  /** Where captions that gave no triplet are counted, by reason. */
  dropped?: Dropped;
  /** Called with the captions looked at and all of them; then, with the note "made", with what has been made of all. */
  onProgress?: OnProgress;
}

/** Draws for a caption before it counts as one without a further keyword, for each triplet that is asked of it. */
const mostDraws = 12;

/** Captions that are looked at between two turns of other work. */
const atOnce = 1024;

/**
 * Makes triplets from captions, in an order that the seed shuffles. A caption gives one triplet, or as many as `count`
 * asks of each; no two triplets are alike.
 *
 * The keyword is a noun (or two, as in "fire hydrant") or an adjective before a noun. What takes its place is drawn by
 * frequency from the words that the corpus uses in the same way: singular after "a", singular after "the", plural, or
 * adjective; and, where it has enough of them, in the same place: behind the same verb or preposition, an adjective before
 * the same noun. "a" and "an" are mended. A word that another caption of the same image has is not taken: the image shows
 * it already. That the sentence makes sense is not looked at.
 *
 * @param captions of which no two are the same, with single spaces
 * @throws {Error} if no word of the corpus can be swapped
 * @example
 * ```ts
 * import { loadTagger, ruleTriplets } from "@rtd/toolkit/triplets";
 * import { assert } from "@std/assert";
 *
 * const captions = ["a dog on the beach", "a cat on the street"].map((text, i) => ({ text, at: { line: i + 1 } }));
 * for await (const { reference, conditioning, target } of
 *   ruleTriplets(captions, { tag: await loadTagger(), seed: 1, leastCount: 1 })) {
 *   console.log(`${reference} -> ${conditioning} -> ${target}`);
 *   assert(reference !== target);
 * }
 * ```
 */
export async function* ruleTriplets(
  captions: readonly SourceCaption[],
  { tag, seed, count, leastCount = 5, dropped = new Map(), onProgress = () => {} }: RuleOptions,
): AsyncGenerator<MadeTriplet, void, void> {
  const lexicon = makeLexicon(), vocabulary = makeVocabulary(leastCount), rng = random(seed);
  const slotsOf = (text: string) => {
    const words = wordsOf(text, tag);
    return words && findSlots(words, lexicon);
  };
  const total = 2 * captions.length;
  const step = async (done: number) => {
    if (done % atOnce !== 0 && done !== total) return;
    onProgress(done, total);
    await nextTurn();
  };
  for (const [i, { text }] of captions.entries()) {
    lexicon.add(wordsOf(text, tag) ?? []);
    await step(i + 1);
  }
  for (const [i, { text }] of captions.entries()) {
    vocabulary.add(slotsOf(text) ?? []);
    await step(captions.length + i + 1);
  }
  if (vocabulary.empty()) {
    throw new Error(
      `Making triplets by rule failed: no noun or adjective of the ${captions.length} captions is used ${leastCount} ` +
        "times in one way; give more captions, or a lower --least-count.",
    );
  }
  const others = captionsOfImages(captions), order = rng.shuffle(captions.keys().toArray());
  for (let i = 0, made = 0; i < order.length && made < (count ?? Infinity); i++) {
    const caption = captions[order[i]],
      slots = slotsOf(caption.text)?.filter((slot) =>
        isAlone(slot, caption.text) && vocabulary.uses(slot) >= Math.min(2, leastCount)
      );
    const wanted = count === undefined ? 1 : Math.ceil((count - made) / (order.length - i)), known = new Set<string>();
    if (!slots?.length) {
      drop(dropped, slots ? "caption without a keyword to swap" : "caption that the tagger could not split");
      continue;
    }
    const said = ` ${others(caption).join(" ").toLowerCase().replaceAll(/[^\p{L}]+/gu, " ")} `;
    for (let draw = 0; known.size < wanted && draw < mostDraws * wanted; draw++) {
      const slot = slots[rng.int(slots.length)], word = drawOther(slot, said, vocabulary, rng);
      if (word === undefined || known.has(`${slot.start} ${word}`)) continue;
      known.add(`${slot.start} ${word}`);
      if (++made % atOnce === 0) onProgress(count === undefined ? i : made, count ?? order.length, "made");
      yield swapped(caption, slot, word, seed, rng);
    }
    if (known.size < wanted) drop(dropped, "caption that gave fewer triplets than were asked of it");
  }
}

/** Whether a keyword occurs once in its caption: a wording would not say which of two is meant. */
function isAlone({ word }: Slot, text: string): boolean {
  return text.toLowerCase().match(new RegExp(`(?<!\\p{L})${word}(?!\\p{L})`, "gu"))?.length === 1;
}

/** Returns a function from a caption to the texts of all captions of its image, its own among them. */
function captionsOfImages(captions: readonly SourceCaption[]): (caption: SourceCaption) => string[] {
  const texts = new Map<string | number, string[]>();
  for (const { text, image } of captions) {
    if (image === undefined) continue;
    const known = texts.get(image);
    if (known) known.push(text);
    else texts.set(image, [text]);
  }
  return ({ text, image }) => image === undefined ? [text] : texts.get(image)!;
}

/** Draws a word that is not said yet, in any number; undefined if it drew one that is. */
function drawOther(slot: Slot, said: string, vocabulary: Vocabulary, rng: Random): string | undefined {
  const word = vocabulary.draw(slot, rng);
  if (word === undefined || singularOf(word) === singularOf(slot.word)) return undefined;
  return said.includes(` ${word} `) || said.includes(` ${singularOf(word)} `) ? undefined : word;
}

function swapped({ text, at }: SourceCaption, slot: Slot, word: string, seed: number, rng: Random): MadeTriplet {
  const { kind, article, noun } = slot, isNoun = noun === undefined;
  const template = drawTemplate(isNoun ? nounTemplates : adjectiveTemplates, rng);
  const conditioning = wordChange(
    template,
    isNoun
      ? {
        old: `the ${slot.word}`,
        new: kind === "plural noun" ? word : `${kind === "noun after a" ? articleOf(word) : "the"} ${word}`,
      }
      : { old: slot.word, new: word, noun: { text: noun, plural: numberOf(noun) === "plural" } },
  );
  const old = text.slice(slot.start, slot.end);
  const before = article
    ? text.slice(0, article.start) + likeCase(articleOf(word), text.slice(article.start, article.end)) + " "
    : text.slice(0, slot.start);
  return {
    reference: text,
    conditioning,
    target: before + likeCase(word, old) + text.slice(slot.end),
    provenance: { method: "rule", captions: [at], seed, template, swap: [slot.word, word] },
  };
}

/** Begins a word with a capital letter if another does. */
function likeCase(word: string, other: string): string {
  return /^\p{Lu}/u.test(other) ? word[0].toUpperCase() + word.slice(1) : word;
}
