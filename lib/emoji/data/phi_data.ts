/** What the embedded phis are trained on: captions for LinCIR, concept phrases for SEARLE. */
import type { MaskedCaption } from "../../projection/lincir/lincir.ts";
import { maskConcept, type Phrases } from "../../projection/searle/phrases.ts";
import { random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import { drawCaption, maskKeywords } from "./captions.ts";
import type { Emoji } from "./catalogue.ts";
import { plainText } from "./labels.ts";

/** Returns a function that starts a sampler of captions as in pretraining, with masked keywords. */
export function emojiCaptions(emoji: readonly Emoji[]): MakeSampler<MaskedCaption, RandomState> {
  return (start) => {
    const rng = random(start);
    return {
      next: (count) =>
        Array.from({ length: count }, () => {
          const caption = drawCaption(emoji[rng.int(emoji.length)], rng);
          return { caption, masked: maskKeywords(caption) };
        }),
      state: () => rng.state(),
    };
  };
}

/** Phrases that a concept keeps. */
const mostPhrases = 12;

/**
 * Concept phrases from labels and search words: the concept of a label is its family's name, that of a search word the
 * word; the phrases are captions of emoji that contain it.
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
