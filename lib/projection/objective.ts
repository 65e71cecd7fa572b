/**
 * The loss of a base method on one batch, whichever side is trained: phi in the method's own training, the text encoder
 * in naive fine-tuning (the paper's Table 8).
 */
import type { Random } from "../tensors/random.ts";
import type * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import type { Dropout } from "./phi.ts";

/** The loss on one batch. */
export interface ObjectiveStep {
  /** Number of rows that phi computes. */
  rows: number;
  /**
   * The loss as a function of both networks.
   * @param phi weights of phi
   * @param text weights of the text tower
   * @param dropout applied to phi's hidden layers
   */
  loss: (phi: Weights, text: Weights, dropout: Dropout) => tf.Scalar;
  /** Tensors of this batch alone; the training loop disposes them. */
  constants: tf.Tensor[];
}

/** Draws batches without end. */
export interface Objective<State> {
  /** Draws the next batch. @param rng for everything but the choice of items, which a sampler of its own makes */
  next(rng: Random): Promise<ObjectiveStep>;
  /** Returns the sampler's state: a value that survives JSON. */
  state(): State;
  /** Goes on from a state that {@linkcode state} returned. */
  restore(state: State): void;
}
