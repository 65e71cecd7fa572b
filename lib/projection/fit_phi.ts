/** Trains a phi with the objective of any base method. */
import { batchEncoder, type EncoderChoice } from "../clip/batch_encoder.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { sha256 } from "../io/hash.ts";
import { type Random, random, type RandomState } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";
import type { EpochOptions } from "../training/epoch_sampler.ts";
import { fit, type FitOptions, type FitResult, type RunControl } from "../training/fit.ts";
import type { Objective } from "./objective.ts";
import { initialPhi, type Phi } from "./phi.ts";
import { phiBytes } from "./phi_file.ts";

/** The base methods whose phi can be trained here. */
export const phiMethods = ["LinCIR", "SEARLE", "Pic2Word"] as const;
/** One of {@linkcode phiMethods}. */
export type PhiMethod = typeof phiMethods[number];

/** The choices of a recipe that all base methods share. */
export interface PhiTraining extends FitOptions {
  /** Seed of the initial weights, noise and dropout; the sampler starts from `seed + 1`. */
  seed: number;
  /** Width of phi's hidden layers. */
  hiddenWidth: number;
  /** Probability that dropout zeroes a hidden unit. */
  dropout: number;
  /** The form of phi's input; see {@linkcode Phi.input}. */
  input: Phi["input"];
  /**
   * What becomes of the items at an epoch's end that make no whole batch: "span" (the default) fills the batch from the
   * next epoch, "drop" leaves them out of that epoch, as the released trainings do.
   */
  incompleteBatch?: EpochOptions["incomplete"];
}

/** A trained phi; the caller disposes its weights. */
export interface TrainedPhi extends Omit<FitResult, "parameters"> {
  /** The trained network. Its hash is that of the file that `savePhi` writes with 32-bit floats. */
  phi: Phi;
}

/** Options of {@linkcode fitPhi}. */
export interface FitPhiOptions<State> extends RunControl {
  /** The frozen CLIP. */
  clip: Clip;
  /** Name of the method; it decides the activation of the network: ReLU for Pic2Word, else GELU. */
  method: PhiMethod;
  /** The method's loss for the same CLIP, its sampler started with `training.seed + 1`. */
  objective: Objective<State>;
  /** The recipe, without the choices of the method's loss. */
  training: PhiTraining;
  /** How texts are encoded (default "packed"); it changes the last bits alone. */
  encoder?: EncoderChoice;
  /** Stored as the phi's provenance, with the recipe and the CLIP's hash: the choices of the loss, the data. */
  provenance: Record<string, unknown>;
}

/** Trains phi with a method's objective and returns it; CLIP stays frozen. @throws {Error} as `fit` does */
export async function fitPhi<State>(
  { clip, method, objective, training, provenance, encoder = "packed", ...control }: FitPhiOptions<State>,
): Promise<TrainedPhi> {
  const { steps, optimizer, schedule, clipNorm, seed, hiddenWidth, dropout, input } = training;
  let rng = random(seed);
  const { parameters, losses, steps: done, devices } = await fit<{ random: RandomState; objective: State }>({
    ...control,
    title: `Training ${method}'s phi`,
    configuration: { method, ...provenance, ...training, steps: undefined, clip: clip.identity },
    options: { steps, optimizer, schedule, clipNorm },
    variant: `${encoder} encoder`,
    initial: () =>
      initialPhi(
        method === "Pic2Word" ? "relu" : "gelu",
        { embedding: clip.config.projectionWidth, hiddenWidth, token: clip.config.text.width },
        rng,
      ),
    source: {
      async next() {
        const { rows, loss, constants } = await objective.next(rng);
        // One mask a layer, drawn outside the differentiated function so that it is drawn once.
        const masks = [0, 1].map(() => drawDropoutMask(rows, hiddenWidth, dropout, rng)); // [B, H]
        return {
          loss(phi) {
            let layer = 0;
            return loss(
              phi,
              batchEncoder(clip.weights, clip.config.text, { encoder }),
              (hidden) => tf.mul(hidden, masks[layer++]),
            );
          },
          constants: [...constants, ...masks],
        };
      },
      state: () => ({ random: rng.state(), objective: objective.state() }),
      restore(saved) {
        rng = random(saved.random);
        objective.restore(saved.objective);
      },
      data: () => objective.data(),
    },
  });
  const origin = {
    ...provenance,
    training: { ...training, steps: done },
    clip: clip.hash,
    clipIdentity: clip.identity,
  };
  const phi = { method, input, provenance: origin, weights: parameters };
  return { phi: { ...phi, hash: await sha256(await phiBytes(phi, "F32")) }, losses, steps: done, devices };
}

/** Draws a dropout mask: zero with probability `rate`, else `1/(1 - rate)`. `[rows, width]`. */
function drawDropoutMask(rows: number, width: number, rate: number, rng: Random): tf.Tensor2D {
  const kept = 1 / (1 - rate);
  return tf.tensor2d(Float32Array.from({ length: rows * width }, () => rng.uniform() < rate ? 0 : kept), [rows, width]);
}
