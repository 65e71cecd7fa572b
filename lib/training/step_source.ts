/** What the training loop draws its steps from. */
import type { Weights } from "../tensors/weights.ts";
import type * as tf from "../tensors/tf.ts";

/** One training step. */
export interface TrainingStep {
  /** The loss as a function of the parameters; everything else that it reads is constant. It runs inside `tf.tidy`. */
  loss: (parameters: Weights) => tf.Scalar;
  /** Tensors of this step alone; the loop disposes them after the step. */
  constants: tf.Tensor[];
}

/** Draws training steps without end. */
export interface StepSource<State> {
  /** Draws the next step. */
  next(): Promise<TrainingStep>;
  /** Returns what is needed to go on from here: a value that survives JSON. */
  state(): State;
  /** Goes on from a state that {@linkcode state} returned, perhaps in another process. */
  restore(state: State): void;
  /**
   * Returns a hash of the items that are drawn, which the checkpoint holds; called only where a checkpoint is named.
   * Absent: the task's configuration describes them.
   */
  data?(): Promise<string>;
}
