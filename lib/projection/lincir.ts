/**
 * LinCIR (Gu et al., CVPR 2024): phi from captions alone, by self-masking projection.
 *
 * Letters: B captions, P width of the CLIP embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { encodeText } from "../clip/text_encoder.ts";
import type { Clip } from "../clip/model_folder.ts";
import { disposeWeights } from "../clip/weights.ts";
import { adamWDefaults, type AdamWOptions, adamWState, adamWStep } from "../training/adamw.ts";
import { valueAndGradients } from "../training/gradients.ts";
import { random } from "../training/random.ts";
import { rateFactor, type Schedule } from "../training/schedule.ts";
import { drawNoise } from "./noise.ts";
import { initialPhi, type Phi, phiInput, phiLayers } from "./phi.ts";

/** The recipe. */
export interface LincirOptions {
  seed: number;
  steps: number;
  batch: number;
  /** Width of phi's middle layers. */
  middle: number;
  dropout: number;
  /** Scale of the noise on the caption's embedding. */
  noise: number;
  input: Phi["input"];
  optimizer: AdamWOptions;
  schedule: Schedule;
}

/** For the embedded model. The published recipe (raw input, dropout 0.5, 20 000 steps of 512) needs far more captions. */
export const embeddedLincirRecipe: LincirOptions = {
  seed: 20261,
  steps: 700,
  batch: 256,
  middle: 512,
  dropout: 0.1,
  noise: 1,
  input: "unit variance",
  optimizer: { ...adamWDefaults, learningRate: 1e-3 },
  schedule: { warmup: 0, shape: "cosine" },
};

/** A caption, and the same caption with its keywords replaced by `[$]`. */
export interface MaskedCaption {
  caption: string;
  masked: string;
}

/**
 * Trains phi so that the masked caption, with `[$] = phi(E(caption) + noise)`, encodes like the caption: mean squared
 * error between un-normalised features (as {@linkcode phiInput} shows them).
 *
 * @param draw gives the next caption
 * @returns phi, whose weights are the caller's to dispose
 */
export async function trainLincir(
  clip: Clip,
  draw: () => MaskedCaption,
  options: LincirOptions,
  onStep: (step: number, loss: number) => Promise<void> | void,
): Promise<Phi> {
  const rng = random(options.seed);
  const { text, projectionWidth: P } = clip.config;
  const weights = initialPhi(P, options.middle, text.width, rng);
  const state = adamWState(weights);
  for (let step = 0; step < options.steps; step++) {
    const batch = Array.from({ length: options.batch }, draw);
    const whole = clip.tokenizer.encode(batch.map(({ caption }) => caption));
    const masked = clip.tokenizer.encode(batch.map(({ masked }) => masked));
    const { value, gradients } = tf.tidy(() => {
      const original = phiInput(encodeText(clip.weights, text, whole), options.input); // [B, P]
      const noisy = tf.add(original, drawNoise(options.batch, P, options.noise, rng)) as tf.Tensor2D; // [B, P]
      // One mask a layer, drawn outside the differentiated function so that it is drawn once.
      const masks = [0, 1].map(() => drawDropout(options.batch, options.middle, options.dropout, rng)); // [B, M]
      return valueAndGradients((w) => {
        let layer = 0;
        const words = phiLayers(w, noisy, (hidden) => tf.mul(hidden, masks[layer++])); // [B, D]
        const features = phiInput(encodeText(clip.weights, text, masked, words), options.input); // [B, P]
        return tf.mean(tf.square(tf.sub(features, original))) as tf.Scalar;
      }, weights);
    });
    const rate = options.optimizer.learningRate * rateFactor(options.schedule, step, options.steps);
    adamWStep(weights, gradients, state, options.optimizer, rate);
    disposeWeights(gradients);
    const [loss] = await value.data();
    value.dispose();
    if (!Number.isFinite(loss)) throw new Error(`Training phi failed at step ${step + 1}: the loss is ${loss}.`);
    await onStep(step + 1, loss);
  }
  disposeWeights(state.first);
  disposeWeights(state.second);
  return { method: "LinCIR", input: options.input, weights };
}

/** Zeros with probability `rate`, else `1/(1 - rate)`. `[rows, width]`. */
function drawDropout(rows: number, width: number, rate: number, rng: { uniform(): number }): tf.Tensor2D {
  const kept = 1 / (1 - rate);
  return tf.tensor2d(Float32Array.from({ length: rows * width }, () => rng.uniform() < rate ? 0 : kept), [rows, width]);
}
