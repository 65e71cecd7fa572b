/**
 * The loss of a base method as a function of phi and the text encoder. The method's own training trains phi with it,
 * naive fine-tuning (the paper's Table 8) the text encoder.
 */
import type { Random } from "../tensors/random.ts";
import type { EncodeBatch } from "../clip/batch_encoder.ts";
import type * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import type { Dropout } from "./phi.ts";

/** The loss of a base method on one batch. */
export interface ObjectiveStep {
  /** Number of pseudo-tokens that phi computes for the batch: the rows of its dropout masks. */
  rows: number;
  /**
   * Computes the loss as a function of both networks.
   *
   * @param phi weights of phi
   * @param encode encodes texts with the text tower
   * @param dropout applied to phi's hidden layers
   */
  loss: (phi: Weights, encode: EncodeBatch, dropout: Dropout) => tf.Scalar;
  /** Tensors of this batch only; the training loop disposes them. */
  constants: tf.Tensor[];
}

/** Draws batches without end, and computes a base method's loss on them. */
export interface Objective<State> {
  /** Draws the next batch. @param rng draws everything except the items, which the objective's own sampler draws */
  next(rng: Random): Promise<ObjectiveStep>;
  /** Returns the sampler's state: a value that survives JSON. */
  state(): State;
  /** Continues from a state that {@linkcode state} returned. */
  restore(state: State): void;
  /** Returns a hash of the training data, which a checkpoint holds; called only where a checkpoint is named. */
  data(): Promise<string>;
}
