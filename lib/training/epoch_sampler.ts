/** The plain sampler: every item once an epoch, in a new order each time. */
import { jsonHash } from "../io/hash.ts";
import { random, type RandomState } from "../tensors/random.ts";
import type { MakeSampler, Sampler } from "./sampler.ts";

/** State of an epoch sampler. */
export interface EpochState {
  /** State of the generator when the current epoch began; it decides the epoch's order. */
  epoch: RandomState;
  /** Items drawn from the current epoch so far. */
  position: number;
}

/** Options of {@linkcode epochSampler}. */
export interface EpochOptions {
  /**
   * What becomes of the items that are left at an epoch's end and make no whole draw. With "span" (the default) the draw
   * is filled from the next epoch: every item is seen in every epoch, however few there are. With "drop" they are left out
   * of that epoch, as in the released trainings.
   */
  incomplete?: "span" | "drop";
}

/**
 * Samples from a list, such as one of triplets. A draw may span two epochs, unless `incomplete` is "drop".
 *
 * @param start a seed, or a state to go on from
 * @throws {Error} if the list is empty, or shorter than the state's position: it is of another list; the sampler, if it
 *   drops what is incomplete and a draw is longer than the list
 * @example
 * ```ts
 * import { epochSampler } from "@rtd/toolkit/training";
 * import { assertEquals } from "@std/assert";
 *
 * const sampler = epochSampler(["a", "b", "c"], 1);
 * assertEquals(sampler.next(3).sort(), ["a", "b", "c"]);
 * ```
 */
export function epochSampler<Item>(
  items: readonly Item[],
  start: number | EpochState,
  { incomplete = "span" }: EpochOptions = {},
): Sampler<Item, EpochState> {
  if (items.length === 0) {
    throw new Error("Sampling failed: the list is empty; read or generate some items first.");
  }
  let position = 0;
  let epoch: RandomState = typeof start === "number" ? random(start).state() : start.epoch;
  let { order, after } = shuffled(epoch);
  if (typeof start !== "number") position = start.position;
  if (!(position >= 0 && position <= items.length)) {
    throw new Error(
      `Sampling failed: the state is at item ${position} of a list of ${items.length}; it is a state of another list.`,
    );
  }

  function shuffled(state: RandomState) {
    const rng = random(state);
    return { order: rng.shuffle(items), after: rng.state() };
  }
  function nextEpoch(): void {
    epoch = after;
    ({ order, after } = shuffled(epoch));
    position = 0;
  }
  return {
    next(count) {
      if (incomplete === "drop") {
        if (count > order.length) {
          throw new Error(
            `Sampling failed: ${count} items are to be drawn of a list of ${order.length}, and incomplete batches are ` +
              'dropped; draw fewer, or let a batch span epochs (incomplete: "span").',
          );
        }
        if (position + count > order.length) nextEpoch();
      }
      const drawn: Item[] = [];
      while (drawn.length < count) {
        if (position === order.length) nextEpoch();
        drawn.push(order[position++]);
      }
      return drawn;
    },
    state: () => ({ epoch, position }),
  };
}

/**
 * Makes the function that starts epoch samplers of a list. It has the hash of the items as its `data`, so that a run
 * with it can be kept in a checkpoint.
 *
 * @param items values that survive JSON
 */
export function listSampler<Item>(
  items: readonly Item[],
  options: EpochOptions = {},
): MakeSampler<Item, EpochState> {
  // The hash of a sampler without options is that of version 0.2, so that its checkpoints are resumed.
  const data = () => jsonHash(options.incomplete === "drop" ? [items, "incomplete batches dropped"] : items);
  return Object.assign((start: number | EpochState) => epochSampler(items, start, options), { data });
}
