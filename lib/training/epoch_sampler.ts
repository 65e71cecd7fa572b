/** The plain sampler: every item once an epoch, in a new order each time. */
import { random, type RandomState } from "./random.ts";
import type { Sampler } from "./sampler.ts";

/** Where an epoch began and how far it is. */
export interface EpochState {
  epoch: RandomState;
  position: number;
}

/**
 * Samples from a list, such as one of triplets.
 *
 * @param start a seed, or a state to go on from
 * @throws {Error} if the list is empty
 */
export function epochSampler<Item>(items: readonly Item[], start: number | EpochState): Sampler<Item> {
  if (items.length === 0) {
    throw new Error("Sampling failed: the list is empty; read or generate some items first.");
  }
  let position = 0;
  let epoch: RandomState = typeof start === "number" ? random(start).state() : start.epoch;
  let { order, after } = shuffled(epoch);
  if (typeof start !== "number") position = start.position;

  function shuffled(state: RandomState) {
    const rng = random(state);
    return { order: rng.shuffle(items), after: rng.state() };
  }
  return {
    next(count) {
      const drawn: Item[] = [];
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
