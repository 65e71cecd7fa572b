/** Training data of the embedded phis: captions for LinCIR, concept phrases for SEARLE. */
import { jsonHash } from "../../io/hash.ts";
import type { MaskedCaption } from "../../projection/lincir/lincir.ts";
import { maskConcept, type Phrases } from "../../projection/searle/phrases.ts";
import { random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import { drawCaption, maskKeywords } from "./captions.ts";
import type { Emoji } from "./catalogue.ts";
import { plainText } from "./labels.ts";

/**
 * Returns a function that starts a sampler of masked captions for LinCIR, drawn as in pretraining.
 *
 * @param emoji those whose captions are drawn
 */
export function emojiCaptions(emoji: readonly Emoji[]): MakeSampler<MaskedCaption, RandomState> {
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return {
      next: (count: number) =>
        Array.from({ length: count }, () => {
          const caption = drawCaption(emoji[rng.int(emoji.length)], rng);
          return { caption, masked: maskKeywords(caption) };
        }),
      state: () => rng.state(),
    };
  };
  return Object.assign(start, { data: () => jsonHash(emojiTexts(emoji)) });
}

/** Returns what identifies emoji as training data, in a hash: everything from which captions and phrases are made. */
export function emojiTexts(emoji: readonly Emoji[]): (string | string[])[][] {
  return emoji.map(({ code, caption, tags, family }) => [code, caption, tags, family]);
}

/** Largest number of phrases of a concept. */
const mostPhrases = 12;

/**
 * Makes concept phrases for SEARLE from labels and search words. The concept of a label is the name of its family,
 * that of a search word is the word; a concept's phrases are captions that contain it, at most 12.
 *
 * @param emoji those whose captions become phrases
 * @param seed decides which phrases a concept keeps; 1 by default
 */
export function emojiPhrases(emoji: readonly Emoji[], seed = 1): Phrases {
  const rng = random(seed);
  const gathered = new Map<string, Set<string>>();
  const add = (concept: string, phrase: string) => {
    if (maskConcept(phrase, concept) === undefined) return;
    gathered.set(concept, (gathered.get(concept) ?? new Set()).add(phrase));
  };
  for (const { caption, family, tags } of emoji) {
    // The signs of a family ("@ running") are not in any caption.
    const name = plainText(family.replace(/[@#%]/g, " "));
    if (name !== "") {
      add(name, caption);
      add(name, `a photo of ${caption}`);
      add(name, `a drawing of ${caption}`);
    }
    for (const tag of tags) add(tag, caption.split(" ").includes(tag) ? caption : `${caption} ${tag}`);
  }
  return new Map(
    [...gathered].map(([concept, phrases]) => [concept, rng.shuffle([...phrases]).slice(0, mostPhrases)]),
  );
}
