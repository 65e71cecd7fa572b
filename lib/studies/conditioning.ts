/** Changes of the conditioning text, which tell whether and how a model uses it. */
import { jsonHash } from "../io/hash.ts";
import { random, type RandomState } from "../tensors/random.ts";
import type { Triplet } from "../triplets/triplet.ts";
import { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";

/** The choices of {@linkcode ConditioningChange}. */
export const conditioningChanges = ["null", "shuffled", "keywords", "paraphrased"] as const;
/**
 * How the conditioning text is changed:
 *
 * - `null`: it is empty.
 * - `shuffled`: it is that of another query or triplet, drawn at random.
 * - `keywords`: only its words that describe something; of function words nothing is left.
 * - `paraphrased`: other words for the same change, where a testbed has them; never in training.
 */
export type ConditioningChange = typeof conditioningChanges[number];

/** Seed of shuffled queries: they are the same in every run. */
const shuffleSeed = 5;

/** Words that describe nothing: articles, pronouns, auxiliary verbs, prepositions, and the verbs of instructions. */
const functionWords = new Set(
  ("a an the this that these those it its is are was were be been being am has have had do does did can could will " +
    "would shall should may might must of in on at to from into onto with without by for as and or but not no nor " +
    "than then so if instead rather same other another more less now there here same looks look becomes become make " +
    "makes made turn change switch replace show shows add remove put have image photo picture one ones you i my your")
    .split(" "),
);

/** Returns the words of a text that describe something; of a text without any, the text itself. */
export function keywordsOf(text: string): string {
  const words = text.split(/\s+/).filter((word) => !functionWords.has(word.toLowerCase().replace(/[^a-z]/g, "")));
  return words.length > 0 ? words.join(" ") : text;
}

/**
 * Changes the texts of queries; each may have several.
 *
 * @param paraphrases the texts in other words, needed for "paraphrased"
 * @throws {Error} if there are no paraphrases and they are asked for
 */
export function changeTexts(
  texts: readonly (readonly string[])[],
  change: ConditioningChange | undefined,
  paraphrases?: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  switch (change) {
    case undefined:
      return texts;
    case "null":
      return texts.map(() => [""]);
    case "shuffled": {
      const order = derangement(texts.length, shuffleSeed);
      return order.map((at) => texts[at]);
    }
    case "keywords":
      return texts.map((all) => all.map(keywordsOf));
    case "paraphrased":
      if (paraphrases) return paraphrases;
      throw new Error("Changing the conditioning text failed: the testbed has no paraphrases; leave them out.");
  }
}

/** Returns a random order in which nothing keeps its place: a cycle through a random order. */
function derangement(count: number, seed: number): number[] {
  const order = random(seed).shuffle([...Array(count).keys()]), moved = Array<number>(count);
  order.forEach((at, i) => moved[at] = order[(i + 1) % count]);
  return moved;
}

/** State of a sampler whose conditioning texts are changed. */
interface ChangedState {
  inner: unknown;
  random: RandomState;
}

/**
 * Changes the conditioning texts of triplets as they are drawn; "shuffled" exchanges them among those that are drawn
 * together.
 *
 * @throws {Error} for "paraphrased", which triplets do not have
 */
export function changeTriplets(sampler: TripletSampler, change: ConditioningChange | undefined): TripletSampler {
  if (change === undefined) return sampler;
  if (change === "paraphrased") {
    throw new Error("Changing the triplets failed: they have no paraphrases; choose another change.");
  }
  const start = (from: number | ChangedState) => {
    const { inner, random: state } = typeof from === "number" ? { inner: from, random: from } : from;
    const own = sampler(inner), rng = random(state);
    return {
      next(count: number): Triplet[] {
        const drawn = own.next(count);
        if (change === "null") return drawn.map((triplet) => ({ ...triplet, conditioning: "" }));
        if (change === "keywords") {
          return drawn.map((triplet) => ({ ...triplet, conditioning: keywordsOf(triplet.conditioning) }));
        }
        const order = derangement(count, rng.int(2 ** 31 - 1));
        return drawn.map((triplet, i) => ({ ...triplet, conditioning: drawn[order[i]].conditioning }));
      },
      state: (): ChangedState => ({ inner: own.state(), random: rng.state() }),
    };
  };
  const data = async () => await jsonHash({ triplets: await sampler.data(), conditioning: change });
  return tripletSampler<ChangedState>(
    Object.assign(start, { data, texts: sampler.texts }),
  );
}
