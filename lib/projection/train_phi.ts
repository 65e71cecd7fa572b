/** Trains a phi with any of the three methods' objectives. */
import * as tf from "@tensorflow/tfjs";
import type { Clip } from "../clip/model_folder.ts";
import { fit, type FitOptions, type FitResult, type RunControl } from "../training/fit.ts";
import { type Random, random, type RandomState } from "../training/random.ts";
import type { MakeObjective } from "./objective.ts";
import { initialPhi, type Phi } from "./phi.ts";

/** The method of a phi that is trained here. */
export const phiMethods = ["LinCIR", "SEARLE", "Pic2Word"] as const;
/** One of {@linkcode phiMethods}. */
export type PhiMethod = typeof phiMethods[number];

/** Choices of a training that do not belong to a method's loss. */
export interface PhiTraining extends FitOptions {
  seed: number;
  /** Width of phi's middle layers. */
  middle: number;
  dropout: number;
  input: Phi["input"];
}

/** A trained phi; its weights are the caller's to dispose. */
export interface TrainedPhi extends Omit<FitResult, "parameters"> {
  phi: Phi;
}

/**
 * Trains.
 *
 * @param makeObjective begun with `training.seed + 1`
 * @param provenance what the phi is to say of itself beside the CLIP's hash: the method's recipe, the data
 */
export async function trainPhi(
  clip: Clip,
  method: PhiMethod,
  makeObjective: MakeObjective,
  training: PhiTraining,
  provenance: Record<string, unknown>,
  run: RunControl = {},
): Promise<TrainedPhi> {
  const { steps, optimizer, schedule, clipNorm, seed, middle, dropout, input } = training;
  const configuration = { method, ...provenance, ...training, steps: undefined, clip: clip.hash };
  let rng = random(seed);
  const result = await fit({
    title: `Training ${method}'s phi`,
    configuration,
    options: { steps, optimizer, schedule, clipNorm },
    initial: () =>
      initialPhi(
        method === "Pic2Word" ? "relu" : "gelu",
        { embedding: clip.config.projectionWidth, middle, token: clip.config.text.width },
        rng,
      ),
    begin(saved) {
      const state = saved as { random: RandomState; objective: unknown } | undefined;
      if (state) rng = random(state.random);
      const objective = makeObjective(state ? state.objective : seed + 1);
      return {
        async next() {
          const { rows, loss, constants } = await objective.next(rng);
          // One mask a layer, drawn outside the differentiated function so that it is drawn once.
          const masks = [0, 1].map(() => drawDropout(rows, middle, dropout, rng)); // [B, M]
          return {
            loss(phi) {
              let layer = 0;
              return loss(phi, clip.weights, (hidden) => tf.mul(hidden, masks[layer++]));
            },
            constants: [...constants, ...masks],
          };
        },
        state: () => ({ random: rng.state(), objective: objective.state() }),
      };
    },
  }, run);
  const { parameters, losses } = result;
  const said = { ...provenance, training: { ...training, steps: result.steps }, clip: clip.hash };
  return { phi: { method, input, provenance: said, weights: parameters }, losses, steps: result.steps };
}

/** Zeros with probability `rate`, else `1/(1 - rate)`. `[rows, width]`. */
function drawDropout(rows: number, width: number, rate: number, rng: Random): tf.Tensor2D {
  const kept = 1 / (1 - rate);
  return tf.tensor2d(Float32Array.from({ length: rows * width }, () => rng.uniform() < rate ? 0 : kept), [rows, width]);
}
