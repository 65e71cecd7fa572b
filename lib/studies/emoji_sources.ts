/** Sources of triplets of the embedded world: its edits, and what is made from its captions as from any corpus. */
import { editBatchSampler, mostSiblings } from "../emoji/data/batches.ts";
import type { EmojiBenchmark } from "../emoji/data/benchmark.ts";
import { editSampler } from "../emoji/data/triplets.ts";
import { sceneSampler } from "../scenes/data/triplets.ts";
import { differenceTriplets } from "../triplets/make/difference.ts";
import { ruleTriplets } from "../triplets/make/rule.ts";
import { loadTagger } from "../triplets/tagger.ts";
import { madeOnce } from "./made_once.ts";
import { batchSourceNames, type TripletSource } from "./testbed.ts";
import { tripletSampler } from "./triplet_sampler.ts";

/** Seed of made triplets, and the triplets that are asked for by rule. */
const seed = 1, byRule = 4000;

/** Words that captions must share to differ in one span; those of emoji are short. */
const sharedWords = 2;

/** The sources, of train families alone. */
export function emojiSources(benchmark: EmojiBenchmark): TripletSource[] {
  const { edits } = benchmark, captions = trainCaptions(benchmark).map((text, i) => ({ text, at: { line: i + 1 } }));
  const ofEdits = tripletSampler(editSampler(edits.train)), ofScenes = tripletSampler(sceneSampler(0));
  return [
    {
      name: "edits",
      about: "captions of two emoji of a train family that differ in an attribute, and a text that says in which",
      triplets: () => Promise.resolve(ofEdits),
    },
    {
      name: "rule",
      about: "a noun or an adjective of a train family's caption swapped for another one of these captions",
      triplets: madeOnce(async () => ruleTriplets(captions, { tag: await loadTagger(), seed, count: byRule })),
    },
    {
      name: "difference",
      about: "two captions of train families that differ in one span of words",
      triplets: madeOnce(async () => differenceTriplets(captions, { tag: await loadTagger(), seed, sharedWords })),
    },
    {
      name: "other domain",
      about:
        "edits of scenes (number, size, background, things added, removed, replaced); the CLIPs of emoji do not know 22 % " +
        "of their words. Scenes have no such source: their CLIP knows 6 % of the words of emoji's captions",
      triplets: () => Promise.resolve(ofScenes),
    },
  ];
}

/** Batches of edits with near neighbours and without. */
export function emojiBatches({ edits }: EmojiBenchmark): TripletSource[] {
  const source = (siblings: boolean) => {
    const sampler = tripletSampler(editBatchSampler(edits.train, { siblings }));
    return () => Promise.resolve(sampler);
  };
  return [
    {
      name: batchSourceNames.siblings,
      about: `up to ${mostSiblings} edits of one family and of the same attribute in a batch`,
      triplets: source(true),
    },
    {
      name: batchSourceNames.apart,
      about: "edits of which no two in a batch are of one family",
      triplets: source(false),
    },
  ];
}

/** The captions of all emoji of train families, each once. */
export function trainCaptions({ emoji, parts }: EmojiBenchmark): string[] {
  return [...new Set(emoji.filter(({ family }) => parts.get(family) === "train").map(({ caption }) => caption))];
}

/** Captions of emoji of train families that are in no edit, such as animals and objects: no triplet has them. */
export function captionsBesideEdits({ emoji, parts, edits }: EmojiBenchmark): string[] {
  const edited = new Set(edits.train.flatMap(({ reference, target }) => [reference.family, target.family]));
  const others = emoji.filter(({ family }) => parts.get(family) === "train" && !edited.has(family));
  return [...new Set(others.map(({ caption }) => caption))];
}
