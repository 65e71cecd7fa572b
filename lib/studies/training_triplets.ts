/** The triplets of a planned fine-tuning: from the sources that it names, changed as it says. */
import { changeTriplets } from "./conditioning.ts";
import { mixTriplets } from "./mix_triplets.ts";
import { readingTriplets } from "./reading_triplets.ts";
import type { RtdTraining } from "./study.ts";
import type { Testbed, TripletSource } from "./testbed.ts";
import type { TripletSampler } from "./triplet_sampler.ts";

/** Reads the triplets of a fine-tuning, whose sources the testbed must have. */
export async function tripletsOf(
  testbed: Testbed,
  { triplets, conditioning, reads }: RtdTraining,
): Promise<TripletSampler> {
  const names = triplets ?? [testbed.tripletSources[0].name], sources = allSources(testbed);
  const samplers: TripletSampler[] = [];
  for (const name of names) samplers.push(await sources.find((one) => one.name === name)!.triplets());
  const mixed = changeTriplets(mixTriplets(samplers), conditioning);
  return reads ? readingTriplets(mixed) : mixed;
}

/** Returns every source that a fine-tuning can name. */
export function allSources({ tripletSources, batchSources = [] }: Testbed): readonly TripletSource[] {
  return [...tripletSources, ...batchSources];
}
