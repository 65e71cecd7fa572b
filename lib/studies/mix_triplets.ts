/** Batches of triplets from several sources. */
import { jsonHash } from "../io/hash.ts";
import { type TripletSampler, tripletSampler } from "./triplet_sampler.ts";

/** State of the sources, in their order, and how many triplets were drawn. */
interface MixedState {
  sources: unknown[];
  drawn: number;
}

/**
 * Draws from each of several sources in turn, so that every batch has an equal share of each, one more or less.
 *
 * @throws {Error} if there is no source
 */
export function mixTriplets(sources: readonly TripletSampler[]): TripletSampler {
  if (sources.length === 0) throw new Error("Mixing triplets failed: there is no source; name one or more.");
  if (sources.length === 1) return sources[0];
  const start = (from: number | MixedState) => {
    const resumed = typeof from === "number" ? { sources: sources.map(() => from as unknown), drawn: 0 } : from;
    const own = sources.map((source, i) => source(resumed.sources[i]));
    let { drawn } = resumed;
    return {
      next(count: number) {
        const shares = sources.map((_, i) =>
          Array.from({ length: count }, (_, at) => (drawn + at) % sources.length).filter((turn) => turn === i).length
        );
        const parts = own.map((sampler, i) => sampler.next(shares[i]));
        const mixed = Array.from({ length: count }, (_, at) => parts[(drawn + at) % sources.length].shift()!);
        drawn += count;
        return mixed;
      },
      state: (): MixedState => ({ sources: own.map((sampler) => sampler.state()), drawn }),
    };
  };
  const data = async () => await jsonHash(await Promise.all(sources.map((source) => source.data())));
  const known = sources.map(({ texts }) => texts);
  const texts = known.every((one) => one !== undefined) ? () => known.flatMap((one) => [...one!()]) : undefined;
  return tripletSampler<MixedState>(Object.assign(start, { data, texts }));
}
