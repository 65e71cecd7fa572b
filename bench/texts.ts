/** The triplets that every program takes its steps on. */
import { composedPrompt } from "../lib/projection/prompts.ts";
import { random } from "../lib/tensors/random.ts";
import type { Triplet } from "../lib/triplets/triplet.ts";
import cirrLengths from "./cirr_lengths.json" with { type: "json" };

/** What is drawn. */
export interface TextOptions {
  /** Steps. */
  steps: number;
  /** Triplets a step. */
  batch: number;
  /** Seed of the lengths and the words. */
  seed?: number;
}

/**
 * Made triplets whose texts are as long, in tokens, as those of CIRR's validation split: lengths drawn from how often
 * each occurs there, words drawn from `words`, which are one token each.
 */
export function cirrLikeTriplets(words: readonly string[], { steps, batch, seed = 1 }: TextOptions): Triplet[][] {
  const rng = random(seed);
  const [composed, reference, target] = [cirrLengths.composed, cirrLengths.reference, cirrLengths.target].map(lengths);
  // Start and end are tokens too, and the words of the prompt.
  const prompt = composedPrompt("").trim().split(/\s+/).length;
  const text = (from: number[], others: number) =>
    Array.from({ length: from[rng.int(from.length)] - others }, () => words[rng.int(words.length)]).join(" ");
  return Array.from({ length: steps }, () =>
    Array.from({ length: batch }, () => ({
      reference: text(reference, 2),
      conditioning: text(composed, 2 + prompt),
      target: text(target, 2),
    })));
}

/** The lengths of "9:1 10:7", each as often as it occurs. */
function lengths(counts: string): number[] {
  return counts.split(" ").flatMap((pair) => {
    const [length, count] = pair.split(":").map(Number);
    return Array<number>(count).fill(length);
  });
}

/** The embedded benchmark's training triplets. */
export async function embeddedTriplets({ steps, batch, seed = 1 }: TextOptions): Promise<Triplet[][]> {
  const { emojiBenchmark } = await import("../lib/emoji/data/benchmark.ts");
  const { editSampler } = await import("../lib/emoji/data/triplets.ts");
  const sampler = editSampler((await emojiBenchmark()).edits.train)(seed);
  return Array.from({ length: steps }, () => sampler.next(batch));
}

/** Triplets of a file, in a random order; they begin again when all have been drawn. */
export async function fileTriplets(file: string, { steps, batch, seed = 1 }: TextOptions): Promise<Triplet[][]> {
  const { loadTriplets } = await import("../lib/triplets/load_triplets.ts");
  const { tripletSampler } = await import("../lib/triplets/triplet_sampler.ts");
  const sampler = tripletSampler((await loadTriplets(file)).triplets)(seed);
  return Array.from({ length: steps }, () => sampler.next(batch));
}
