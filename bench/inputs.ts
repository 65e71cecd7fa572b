/** What a bench works on: a made CLIP, and texts of the kind that its tower reads. */
import { epochSampler } from "../lib/training/epoch_sampler.ts";
import type { Triplet } from "../lib/triplets/triplet.ts";
import { madeClip } from "./made_clip.ts";
import { type StepFiles, type StepSizes, writeSteps } from "./steps.ts";
import { cirrLikeTriplets, embeddedTriplets, fileTriplets } from "./texts.ts";
import type { TowerName } from "./towers.ts";
import { vocabularyOf, wordsOf } from "./vocabularies.ts";

/** Batches of triplets whose frozen features become known in the first steps. */
const listed = 2;

/** Steps that come before the rounds: one with new captions, then those that make captions known. */
export const firstSteps = 1 + listed;

/** What is wanted. */
export interface InputOptions {
  tower: TowerName;
  /** Triplets a step. */
  batch: number;
  /** Rounds of two steps: one whose captions are new to the frozen encoder, one whose features are known. */
  rounds: number;
  /** A file of triplets in the place of made ones. */
  triplets?: string;
  /** Most buckets of the packed encoder. */
  mostBuckets: number;
  /** How often a program takes each step at most (default 1). */
  passes?: number;
  /** Folder of the made CLIPs. */
  cache?: string;
}

/** The files, what is in them, and a sentence about the texts. */
export interface Inputs {
  files: StepFiles;
  /** Sizes of every step: first those of {@linkcode firstSteps}, then two a round. */
  sizes: StepSizes[];
  triplets: Triplet[];
  texts: string;
}

/** Makes them. @throws {Error} if a file is named for a tower whose vocabulary is its own */
export async function makeInputs(options: InputOptions): Promise<Inputs> {
  const { tower, batch, rounds, triplets: file, mostBuckets, passes, cache } = options;
  if (file && (tower === "embedded" || tower === "tiny")) {
    throw new Error(
      `Reading ${file} for the ${tower} tower failed: its vocabulary does not know a file's words; choose a ViT.`,
    );
  }
  const draw = { steps: listed + 1 + rounds, batch };
  const [drawn, texts] = file
    ? [await fileTriplets(file, draw), `triplets of ${file}`]
    : tower === "embedded"
    ? [await embeddedTriplets(draw), "triplets of the embedded benchmark"]
    : [
      cirrLikeTriplets(wordsOf(tower, await vocabularyOf(tower)), draw),
      "made texts as long as CIRR's validation triplets",
    ];
  const known = drawn.slice(0, listed).flat(), fresh = drawn.slice(listed), folder = await madeClip({ tower, cache });
  // In the epochs after the first, batches mix those before: no step has the shapes of another.
  const sampler = epochSampler(known, 1), again = () => sampler.next(batch);
  const batches = [fresh[0], ...Array.from({ length: listed }, again)];
  for (const triplets of fresh.slice(1)) batches.push(triplets, again());
  const { files, sizes } = await writeSteps(folder, batches, { passes, mostBuckets, known });
  const lengths = sizes.flatMap(({ lengths }) => lengths.composed);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return {
    files,
    sizes,
    triplets: drawn.flat(),
    texts: `${texts}; composed queries of ${mean.toFixed(1)} tokens on average, ${Math.max(...lengths)} at most`,
  };
}
