/** Samplers of triplets, whatever their state is: a testbed has several kinds. */
import { dataOf, type MakeSampler } from "../training/sampler.ts";
import type { Triplet } from "../triplets/triplet.ts";

/** Starts samplers of triplets. */
export type TripletSampler = MakeSampler<Triplet, unknown> & {
  /** Hash of the triplets. */
  data: () => Promise<string>;
};

/**
 * Hides what the state of a sampler is, which only the sampler itself reads.
 *
 * @param sampler must have the hash of its triplets as its `data`; without it, that fails when it is asked for
 */
export function tripletSampler<State>(sampler: MakeSampler<Triplet, State>): TripletSampler {
  const start = (from: unknown) => sampler(from as number | State);
  let hash: Promise<string> | undefined;
  // Once: a plan asks for it with every seed of every variant.
  return Object.assign(start, { data: () => hash ??= dataOf(sampler), texts: sampler.texts }) as TripletSampler;
}
