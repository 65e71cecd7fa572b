/** Triplets that are made when they are first asked for. */
import { listSampler } from "../training/epoch_sampler.ts";
import type { MadeTriplet } from "../triplets/make/made_triplet.ts";
import { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";

/** Returns a function that makes triplets at its first call, and returns the same ones at every further one. */
export function madeOnce(make: () => Promise<AsyncIterable<MadeTriplet>>): () => Promise<TripletSampler> {
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
