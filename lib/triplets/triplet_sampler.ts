/** Draws from a compact list of triplets, as `epochSampler` does from an array. */
import { random, type RandomState } from "../tensors/random.ts";
import type { Triplet } from "./triplet.ts";
import type { TripletList } from "./triplet_list.ts";

/** State of a sampler: that of the generator when the epoch began, and the triplets drawn from the epoch. */
export interface TripletSamplerState {
  /** State of the generator when the current epoch began; it decides the epoch's order. */
  epoch: RandomState;
  /** Triplets drawn from the current epoch so far. */
  position: number;
}

/** A sampler of triplets. */
export interface TripletSampler {
  /** Returns the next `count` triplets. */
  next(count: number): Triplet[];
  /** Returns what is needed to go on from here: a value that survives JSON. */
  state(): TripletSamplerState;
}

/** Options of {@linkcode tripletSampler}. */
export interface TripletSamplerOptions {
  /**
   * What becomes of the triplets at an epoch's end that make no whole batch: "span" (the default) fills the batch from the
   * next epoch, "drop" leaves them out of that epoch, as the released training does.
   */
  incomplete?: "span" | "drop";
}

/**
 * Returns the function that starts samplers of a list, for `trainRtd`: every triplet once an epoch, in a new order each
 * time. From one seed the order is that of `listSampler` over an array of the same triplets, of which this needs four
 * bytes a triplet in the place of the whole.
 *
 * @throws {Error} if the list is empty; the started sampler, if its state is of another list, or it drops incomplete
 *   batches and a batch is longer than the list
 * @example
 * ```ts
 * import { tripletListBuilder, tripletSampler } from "@rtd/toolkit/triplets";
 * import { assertEquals } from "@std/assert";
 *
 * const list = tripletListBuilder();
 * list.add([{ reference: "a cat", conditioning: "as a dog", target: "a dog" }]);
 * const sampler = tripletSampler(list.finish())(12345);
 * assertEquals(sampler.next(2).map(({ target }) => target), ["a dog", "a dog"]);
 * ```
 */
export function tripletSampler(
  triplets: TripletList,
  { incomplete = "span" }: TripletSamplerOptions = {},
): ((start: number | TripletSamplerState) => TripletSampler) & { data: () => Promise<string> } {
  if (triplets.length === 0) throw new Error("Sampling triplets failed: the list is empty; read or make some first.");
  const start = (from: number | TripletSamplerState): TripletSampler => {
    let { epoch, position } = typeof from === "number" ? { epoch: random(from).state(), position: 0 } : from;
    if (!(position >= 0 && position <= triplets.length)) {
      throw new Error(
        `Sampling triplets failed: the state is at triplet ${position} of a list of ${triplets.length}; it is a state ` +
          "of another list.",
      );
    }
    const order = Uint32Array.from({ length: triplets.length }, (_, i) => i);
    let after = shuffle(order, epoch);
    const nextEpoch = () => {
      epoch = after;
      after = shuffle(order, epoch);
      position = 0;
    };
    return {
      next(count) {
        if (incomplete === "drop") {
          if (count > order.length) {
            throw new Error(
              `Sampling triplets failed: a batch of ${count} is to be drawn of ${order.length} triplets, and incomplete ` +
                'batches are dropped; draw fewer, or let a batch span epochs (incomplete: "span").',
            );
          }
          if (position + count > order.length) nextEpoch();
        }
        const drawn: Triplet[] = [];
        while (drawn.length < count) {
          if (position === order.length) nextEpoch();
          drawn.push(triplets.at(order[position++]));
        }
        return drawn;
      },
      state: () => ({ epoch, position }),
    };
  };
  return Object.assign(start, {
    // The hash of a sampler without options is that of its triplets alone, so that earlier checkpoints are resumed.
    data: () =>
      Promise.resolve(incomplete === "drop" ? `${triplets.hash()}, incomplete batches dropped` : triplets.hash()),
  });
}

/** Puts all indices into the order that a state decides (Fisher-Yates); returns the generator's state after it. */
function shuffle(order: Uint32Array, state: RandomState): RandomState {
  const rng = random(state);
  for (let i = 0; i < order.length; i++) order[i] = i;
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return rng.state();
}
