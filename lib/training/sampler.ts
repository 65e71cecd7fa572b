/** Where training data comes from. */

/** Draws items without end, from a state that a checkpoint can hold. */
export interface Sampler<Item, State> {
  /** Returns the next `count` items. */
  next(count: number): Item[];
  /** Returns what is needed to go on from here: a value that survives JSON. */
  state(): State;
}

/** Starts a sampler from a seed (an integer), or goes on from a state that an earlier sampler returned. */
export type MakeSampler<Item, State> = (start: number | State) => Sampler<Item, State>;
