/** How a corpus uses its words: taggers err on single captions, and rarely on the same word in most of them. */
import type { Word } from "./words.ts";

/** Least share of a word's uses in which it is tagged as the part of speech that it is taken for. */
const leastShare = 0.6;

/** Largest share of a noun's uses before "of": "group", "front", "side" stand for nothing that an image shows alone. */
const mostBeforeOf = 0.3;

/** Largest share of an adjective's uses before one and the same word: "hot" of "hot dog" cannot be swapped. */
const mostBound = 0.5;

/** Largest share of an adjective's uses behind a noun or adjective: "haired" of "long haired" says nothing alone. */
const mostLed = 0.5;

/** Least share of a noun's uses that follow "a" or "an", from which it is taken for one that can be counted. */
const leastCounted = 0.15;

/** Least share of the uses of a word in "-ing" that follow an article or adjective and end their phrase: "building". */
const leastHeaded = 0.3;

/** What is known of the words of a corpus. */
export interface Lexicon {
  /** Counts the uses in one caption. */
  add(words: readonly Word[]): void;
  /** Whether a word is a noun that names something by itself. */
  isNoun(word: string): boolean;
  /** Whether a noun names something of which there can be one, unlike "grass". */
  isCountable(noun: string): boolean;
  /** Whether a word is an adjective that goes with many nouns. */
  isAdjective(word: string): boolean;
}

interface Uses {
  all: number;
  noun: number;
  adjective: number;
  beforeOf: number;
  headed: number;
  counted: number;
  led: number;
  /** Uses as an adjective by the base form of the word that follows. */
  next: Map<string, number>;
}

const unused: Uses = { all: 0, noun: 0, adjective: 0, beforeOf: 0, headed: 0, counted: 0, led: 0, next: new Map() };

/** Nouns that say where something stands, or that something is shown, and name nothing that an image shows. */
const vague = new Set(
  ("background foreground distance way right left middle center side top bottom front back end part time day thing item " +
    "object area kind type picture photo photograph image view shot scene things items objects areas kinds types ways " +
    "pictures photos images others directions").split(" "),
);

/** Starts a lexicon; every caption of the corpus is added before it is asked. */
export function makeLexicon(): Lexicon {
  const uses = new Map<string, Uses>();
  const nouns = new Map<string, boolean>(), countables = new Map<string, boolean>();
  const adjectives = new Map<string, boolean>();
  return {
    add(words) {
      for (const known of [nouns, countables, adjectives]) known.clear();
      for (const [i, { text, tag }] of words.entries()) {
        let use = uses.get(text);
        if (!use) uses.set(text, use = { ...unused, next: new Map() });
        const before = words[i - 1]?.tag, after = words[i + 1];
        use.all++;
        if (tag === "NOUN") {
          use.noun++;
          if (after?.text === "of") use.beforeOf++;
          if ((before === "DET" || before === "ADJ") && after?.tag !== "NOUN") use.headed++;
          // "a snow covered field" says nothing of one snow.
          const within = after?.tag === "NOUN" || after?.tag === "VERB" && after.text.endsWith("ed");
          if (!within && followsA(words, i)) use.counted++;
        } else if (tag === "ADJ") {
          use.adjective++;
          if (before === "NOUN" || before === "ADJ" || before === "PROPN") use.led++;
          if (after) use.next.set(after.lemma, (use.next.get(after.lemma) ?? 0) + 1);
        }
      }
    },
    isNoun: (word) =>
      remembered(nouns, word, () => {
        const { all, noun, beforeOf, headed } = uses.get(word) ?? unused;
        return noun > 0 && /^\p{L}{2,}$/u.test(word) && !vague.has(word) && noun >= leastShare * all &&
          beforeOf <= mostBeforeOf * noun && (!word.endsWith("ing") || headed >= leastHeaded * all);
      }),
    isCountable: (word) =>
      remembered(countables, word, () => {
        const { noun, counted } = uses.get(word) ?? unused;
        return counted > leastCounted * noun;
      }),
    isAdjective: (word) =>
      remembered(adjectives, word, () => {
        const { all, adjective, led, next } = uses.get(word) ?? unused;
        return adjective > 0 && /^\p{L}{2,}(-\p{L}+)*$/u.test(word) && !word.endsWith("est") &&
          adjective >= leastShare * all && led <= mostLed * adjective &&
          Math.max(0, ...next.values()) <= mostBound * adjective;
      }),
  };
}

function remembered(known: Map<string, boolean>, word: string, find: () => boolean): boolean {
  let found = known.get(word);
  if (found === undefined) known.set(word, found = find());
  return found;
}

/** Whether "a" or "an" stands before a word, with nothing but adjectives and nouns between. */
function followsA(words: readonly Word[], i: number): boolean {
  let at = i - 1;
  while (words[at]?.tag === "ADJ" || words[at]?.tag === "NOUN") at--;
  return words[at]?.text === "a" || words[at]?.text === "an";
}
