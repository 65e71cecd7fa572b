/** The plain sampler: every triplet once an epoch, in a new order each time. */
import { random, type RandomState } from "../training/random.ts";
import type { Triplet, TripletSampler } from "./triplet.ts";

/** Where an epoch began and how far it is. */
export interface EpochState {
  epoch: RandomState;
  position: number;
}

/**
 * Samples from a list of triplets.
 *
 * @param start a seed, or a state to go on from
 * @throws {Error} if the list is empty
 */
export function epochSampler(triplets: readonly Triplet[], start: number | EpochState): TripletSampler {
  if (triplets.length === 0) {
    throw new Error("Sampling triplets failed: the list is empty; read or generate some first.");
  }
  let position = 0;
  let epoch: RandomState = typeof start === "number" ? random(start).state() : start.epoch;
  let { order, after } = shuffled(epoch);
  if (typeof start !== "number") position = start.position;

  function shuffled(state: RandomState) {
    const rng = random(state);
    return { order: rng.shuffle(triplets), after: rng.state() };
  }
  return {
    next(count) {
      const drawn: Triplet[] = [];
      while (drawn.length < count) {
        if (position === order.length) {
          epoch = after;
          ({ order, after } = shuffled(epoch));
          position = 0;
        }
        drawn.push(order[position++]);
      }
      return drawn;
    },
    state: (): EpochState => ({ epoch, position }),
  };
}
