/** A random sample of a stream, drawn in one pass. */
import type { Random } from "../../tensors/random.ts";

/** A sample that is being drawn. */
export interface Sample<Item> {
  /** Offers the next item of the stream. */
  offer(item: Item): void;
  /** The items drawn, in an order that has no meaning. */
  items(): Item[];
}

/** Draws `size` items, each subset of the stream equally likely (reservoir sampling); all of a shorter stream. */
export function reservoir<Item>(size: number, rng: Random): Sample<Item> {
  const drawn: Item[] = [];
  let offered = 0;
  return {
    offer(item) {
      offered++;
      if (drawn.length < size) drawn.push(item);
      else {
        const at = rng.int(offered);
        if (at < size) drawn[at] = item;
      }
    },
    items: () => drawn,
  };
}
