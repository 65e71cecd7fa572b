/** Sources of triplets of scenes: their edits, and what is made from their captions as from any corpus. */
import { mostSiblings, sceneBatchSampler } from "../scenes/data/batches.ts";
import { sceneCaption } from "../scenes/data/captions.ts";
import { splitKinds } from "../scenes/data/pairs.ts";
import { aloneAmongReferences, randomScene } from "../scenes/data/scene.ts";
import { sceneSampler } from "../scenes/data/triplets.ts";
import { random } from "../tensors/random.ts";
import { differenceTriplets } from "../triplets/make/difference.ts";
import { ruleTriplets } from "../triplets/make/rule.ts";
import { loadTagger } from "../triplets/tagger.ts";
import { madeOnce } from "./made_once.ts";
import { batchSourceNames, type TripletSource } from "./testbed.ts";
import { tripletSampler } from "./triplet_sampler.ts";

/** Seed of captions and made triplets, and their numbers. */
const seed = 1, corpus = 4000, byRule = 4000;

/** Words that captions must share to differ in one span. */
const sharedWords = 6;

/** Returns captions of scenes of train kinds, none twice. */
export function trainCaptions(splitSeed: number): string[] {
  const rng = random(seed + 7000), kinds = splitKinds(splitSeed).train, texts = new Set<string>();
  while (texts.size < corpus) texts.add(sceneCaption(randomScene({ kinds, alone: aloneAmongReferences }, rng)));
  return [...texts];
}

/** Batches of edits with near neighbours and without, of train kinds alone. */
export function scenesBatches(splitSeed: number): TripletSource[] {
  const source = (siblings: boolean) => {
    const sampler = tripletSampler(sceneBatchSampler(splitSeed, { siblings }));
    return () => Promise.resolve(sampler);
  };
  return [
    {
      name: batchSourceNames.siblings,
      about: `groups of ${mostSiblings} edits, of a scene and of scenes that differ from it in one thing`,
      triplets: source(true),
    },
    {
      name: batchSourceNames.apart,
      about: "edits of which no two in a batch have scenes of the same kinds of things",
      triplets: source(false),
    },
  ];
}

/** The sources, of train kinds alone. */
export function scenesSources(splitSeed: number): TripletSource[] {
  const ofEdits = tripletSampler(sceneSampler(splitSeed));
  const captions = () => trainCaptions(splitSeed).map((text, i) => ({ text, at: { line: i + 1 } }));
  return [
    {
      name: "edits",
      about: "captions of two scenes of train kinds that differ in one or two things, and a text that says in which",
      triplets: () => Promise.resolve(ofEdits),
    },
    {
      name: "rule",
      about: "a noun or an adjective of a caption of train kinds swapped for another one of these captions",
      triplets: madeOnce(async () => ruleTriplets(captions(), { tag: await loadTagger(), seed, count: byRule })),
    },
    {
      name: "difference",
      about: "two captions of train kinds that differ in one span of words",
      triplets: madeOnce(async () => differenceTriplets(captions(), { tag: await loadTagger(), seed, sharedWords })),
    },
  ];
}
