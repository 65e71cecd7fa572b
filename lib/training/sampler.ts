/** Where training data comes from. */

/** Gives items for ever, from a state that a checkpoint can hold. */
export interface Sampler<Item> {
  /** The next `count` items. */
  next(count: number): Item[];
  /** JSON-safe; a sampler made from it goes on as this one would. */
  state(): unknown;
}
