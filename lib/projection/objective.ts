/**
 * What a base method's loss says about a batch, whichever side of it moves: phi in the method's own training, the text
 * encoder in naive tuning (the paper's Table 8).
 */
import type * as tf from "@tensorflow/tfjs";
import type { Weights } from "../clip/weights.ts";
import type { Random } from "../training/random.ts";

/** Stands where dropout does. `[B, M]` to `[B, M]`. */
export type Drop = (hidden: tf.Tensor2D) => tf.Tensor2D;

/** One batch. */
export interface ObjectiveStep {
  /** Rows that phi is asked for. */
  rows: number;
  /**
   * @param phi weights of phi
   * @param text weights of the text tower
   */
  loss: (phi: Weights, text: Weights, drop: Drop) => tf.Scalar;
  /** Tensors of this batch alone; freed by whoever asked for it. */
  constants: tf.Tensor[];
}

/** Draws batches for ever. */
export interface Objective {
  /** @param rng of everything but the choice of items, which the objective draws from a sampler of its own */
  next(rng: Random): Promise<ObjectiveStep>;
  /** JSON-safe: the sampler's state. */
  state(): unknown;
}

/** Makes an objective, from a seed (a number) or from what an earlier one's `state()` returned. */
export type MakeObjective = (start: unknown) => Objective;
