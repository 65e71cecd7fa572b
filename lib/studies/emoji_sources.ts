/** Sources of triplets of the embedded world: its edits, and what is made from its captions as from any corpus. */
import type { EmojiBenchmark } from "../emoji/data/benchmark.ts";
import { editSampler } from "../emoji/data/triplets.ts";
import { listSampler } from "../training/epoch_sampler.ts";
import { differenceTriplets } from "../triplets/make/difference.ts";
import type { MadeTriplet } from "../triplets/make/made_triplet.ts";
import { ruleTriplets } from "../triplets/make/rule.ts";
import { loadTagger } from "../triplets/tagger.ts";
import type { TripletSource } from "./testbed.ts";
import { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";

/** Seed of made triplets, and the triplets that are asked for by rule. */
const seed = 1, byRule = 4000;

/** Words that captions must share to differ in one span; those of emoji are short. */
const sharedWords = 2;

/** The sources, of train families alone. */
export function emojiSources({ emoji, parts, edits }: EmojiBenchmark): TripletSource[] {
  const texts = [...new Set(emoji.filter(({ family }) => parts.get(family) === "train").map(({ caption }) => caption))];
  const captions = texts.map((text, i) => ({ text, at: { line: i + 1 } }));
  const ofEdits = tripletSampler(editSampler(edits.train));
  return [
    {
      name: "edits",
      about: "captions of two emoji of a train family that differ in an attribute, and a text that says in which",
      triplets: () => Promise.resolve(ofEdits),
    },
    {
      name: "rule",
      about: "a noun or an adjective of a train family's caption swapped for another one of these captions",
      triplets: once(async () => ruleTriplets(captions, { tag: await loadTagger(), seed, count: byRule })),
    },
    {
      name: "difference",
      about: "two captions of train families that differ in one span of words",
      triplets: once(async () => differenceTriplets(captions, { tag: await loadTagger(), seed, sharedWords })),
    },
  ];
}

/** Makes triplets when they are first asked for. */
function once(make: () => Promise<AsyncIterable<MadeTriplet>>): () => Promise<TripletSampler> {
  let made: Promise<TripletSampler> | undefined;
  const sampler = async () => {
    const triplets = (await Array.fromAsync(await make())).map(({ reference, conditioning, target }) => ({
      reference,
      conditioning,
      target,
    }));
    return tripletSampler(listSampler(triplets));
  };
  return () => made ??= sampler();
}
