/** Triplets that train the reading of a pseudo-token, and no obeying of a text. */
import { jsonHash } from "../io/hash.ts";
import { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";

/** Makes the reference caption the target of each triplet, with no conditioning text. */
export function readingTriplets(sampler: TripletSampler): TripletSampler {
  const start = (from: unknown) => {
    const own = sampler(from);
    return {
      next: (count: number) =>
        own.next(count).map(({ reference }) => ({ reference, conditioning: "", target: reference })),
      state: () => own.state(),
    };
  };
  const data = async () => await jsonHash({ triplets: await sampler.data(), reads: true });
  return tripletSampler<unknown>(Object.assign(start, { data, texts: sampler.texts }));
}
