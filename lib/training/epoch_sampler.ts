/** The plain sampler: every item once an epoch, in a new order each time. */
import { random, type RandomState } from "../tensors/random.ts";
import type { Sampler } from "./sampler.ts";

/** State of an epoch sampler. */
export interface EpochState {
  /** State of the generator when the current epoch began; it decides the epoch's order. */
  epoch: RandomState;
  /** Items drawn from the current epoch so far. */
  position: number;
}

/**
 * Samples from a list, such as one of triplets. A draw may span two epochs.
 *
 * @param start a seed, or a state to go on from
 * @throws {Error} if the list is empty
 * @example
 * ```ts
 * import { epochSampler } from "@rtd/toolkit/training";
 * import { assertEquals } from "@std/assert";
 *
 * const sampler = epochSampler(["a", "b", "c"], 1);
 * assertEquals(sampler.next(3).sort(), ["a", "b", "c"]);
 * ```
 */
export function epochSampler<Item>(items: readonly Item[], start: number | EpochState): Sampler<Item, EpochState> {
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
    state: () => ({ epoch, position }),
  };
}
