/** What a bench works on: a made CLIP, and texts of the kind that its tower reads. */
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { makeTokenizer } from "../lib/clip/model/tokenizer.ts";
import { stepPairs } from "../lib/rtd/pairs.ts";
import { paperRecipe } from "../lib/rtd/recipe.ts";
import { epochSampler } from "../lib/training/epoch_sampler.ts";
import type { Triplet } from "../lib/triplets/triplet.ts";
import { madeClip } from "./made_clip.ts";
import { type StepFiles, type StepSizes, writeSteps } from "./steps.ts";
import { cirrLikeTriplets, embeddedTriplets, fileTriplets } from "./texts.ts";
import { towerConfig, type TowerName, towers } from "./towers.ts";
import { vocabularyOf, wordsOf } from "./vocabularies.ts";

/** Batches of triplets whose frozen features become known in the first steps. */
const listed = 2;

/** Steps that come before the rounds: one with new captions, then those that make captions known. */
export const firstSteps = 1 + listed;

/** Which steps are drawn. */
export interface DrawOptions {
  tower: TowerName;
  /** Triplets a step. */
  batch: number;
  /** Rounds of two steps: one whose captions are new to the frozen encoder, one whose features are known. */
  rounds: number;
  /** A file of triplets in the place of made ones. */
  triplets?: string;
}

/** The texts of a bench, before anything is written. */
export interface Drawn extends DrawOptions {
  /** Sizes and tokenizer of the made CLIP. */
  clip: Pick<Clip, "config" | "tokenizer">;
  /** The triplets of each step: first those of {@linkcode firstSteps}, then two a round. */
  batches: Triplet[][];
  /** Those whose frozen features become known. */
  known: Triplet[];
  /** The texts in words. */
  texts: string;
}

/** What is written. */
export interface WriteOptions {
  /** Most buckets of the packed encoder. */
  mostBuckets: number;
  /** How often a program takes each step at most (default 1). */
  passes?: number;
  /** Folder of the made CLIPs. */
  cache?: string;
}

/** The files, and the sizes of every step in them. */
export interface Inputs {
  files: StepFiles;
  sizes: StepSizes[];
}

/** Draws the texts. @throws {Error} if a file is named for a tower whose vocabulary is its own */
export async function drawInputs(options: DrawOptions): Promise<Drawn> {
  const { tower, batch, rounds, triplets: file } = options;
  if (file && (tower === "embedded" || tower === "tiny")) {
    throw new Error(
      `Reading ${file} for the ${tower} tower failed: its vocabulary does not know a file's words; choose a ViT.`,
    );
  }
  const vocabulary = await vocabularyOf(tower), draw = { steps: listed + 1 + rounds, batch };
  const [drawn, kind] = file
    ? [await fileTriplets(file, draw), `triplets of ${file}`]
    : tower === "embedded"
    ? [await embeddedTriplets(draw), "triplets of the embedded benchmark"]
    : [cirrLikeTriplets(wordsOf(tower, vocabulary), draw), "made texts as long as CIRR's validation triplets"];
  const known = drawn.slice(0, listed).flat(), fresh = drawn.slice(listed);
  // In the epochs after the first, batches mix those before: no step has the shapes of another.
  const sampler = epochSampler(known, 1), again = () => sampler.next(batch);
  const batches = [fresh[0], ...Array.from({ length: listed }, again)];
  for (const triplets of fresh.slice(1)) batches.push(triplets, again());
  const tokenizer = makeTokenizer(vocabulary, towers[tower], "the vocabulary");
  const lengths = stepPairs(batches.flat(), paperRecipe).composed.queries.map((text) =>
    tokenizer.encode([text]).length
  );
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const texts = `${kind}; composed queries of ${mean.toFixed(1)} tokens on average, ${Math.max(...lengths)} at most`;
  return { ...options, clip: { config: towerConfig(tower), tokenizer }, batches, known, texts };
}

/** Writes the made CLIP, if it is not there, and the steps. */
export async function writeInputs(
  { tower, batches, known }: Drawn,
  { cache, ...options }: WriteOptions,
): Promise<Inputs> {
  const folder = await madeClip({ tower, cache });
  return await writeSteps(folder, batches, { ...options, known });
}
