/** Where training data comes from. */

/** Draws items without end, from a state that a checkpoint can hold. */
export interface Sampler<Item, State> {
  /** Returns the next `count` items. */
  next(count: number): Item[];
  /** Returns what is needed to go on from here: a value that survives JSON. */
  state(): State;
}

/** Starts samplers of one set of items. */
export interface MakeSampler<Item, State> {
  /** Starts a sampler from a seed (an integer), or goes on from a state that an earlier sampler returned. */
  (start: number | State): Sampler<Item, State>;
  /**
   * Returns a hash of the items and of all else that decides what is drawn from a given state. A checkpoint holds it,
   * so that a run is not resumed on other items; it is called only where a checkpoint is named, and needed there.
   */
  data?: () => Promise<string>;
  /**
   * Returns the texts of the items whose features a frozen encoder shall compute once, if they are few enough to be
   * kept; absent: each step computes its own.
   */
  texts?: () => readonly string[];
}

/** Returns the hash of a sampler's items. @throws {Error} if the sampler has none */
export function dataOf({ data }: Pick<MakeSampler<unknown, never>, "data">): Promise<string> {
  if (data) return data();
  throw new Error(
    "Keeping a checkpoint failed: the function that starts the sampler has no `data`, which tells whether a run is resumed " +
      "on the same items; give it one (Object.assign(start, { data })), or use `listSampler`.",
  );
}
