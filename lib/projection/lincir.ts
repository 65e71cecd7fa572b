/**
 * LinCIR (Gu et al., CVPR 2024): phi from captions alone, by self-masking projection.
 *
 * Letters: B captions, P width of the CLIP embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";
import type { RunControl } from "../training/fit.ts";
import type { Sampler } from "../training/sampler.ts";
import { drawNoise } from "./noise.ts";
import type { MakeObjective } from "./objective.ts";
import { type Phi, phiInput, phiLayers } from "./phi.ts";
import { type PhiTraining, type TrainedPhi, trainPhi } from "./train_phi.ts";

/** A caption, and the same caption with its keywords replaced by `[$]`. */
export interface MaskedCaption {
  caption: string;
  masked: string;
}

/** A training, with the loss's own choices. */
export interface LincirRecipe extends PhiTraining {
  batch: number;
  /** Scale of the noise on the caption's embedding. */
  noise: number;
}

/** Choices of the loss. */
export interface LincirOptions {
  batch: number;
  /** Scale of the noise on the caption's embedding; the published one is 1. */
  noise: number;
  input: Phi["input"];
  /** Targets from the frozen encoder; without, the moving encoder makes both sides. Tells only in naive tuning. */
  anchor: boolean;
}

/**
 * The masked caption, with `[$] = phi(E(caption) + noise)`, shall encode like the caption: mean squared error between
 * un-normalised features (as {@linkcode phiInput} shows them).
 */
export function lincirObjective(
  { weights, config, tokenizer }: Clip,
  makeSampler: (start: unknown) => Sampler<MaskedCaption>,
  { batch, noise, input, anchor }: LincirOptions,
): MakeObjective {
  return (start) => {
    const sampler = makeSampler(start);
    return {
      next(rng) {
        const drawn = sampler.next(batch);
        const whole = tokenizer.encode(drawn.map(({ caption }) => caption));
        const masked = tokenizer.encode(drawn.map(({ masked }) => masked));
        const encode = (text: typeof weights) => phiInput(encodeText(text, config.text, whole), input); // [B, P]
        const original = tf.tidy(() => encode(weights)); // [B, P]
        const noisy = tf.tidy(() =>
          tf.add(original, drawNoise(batch, config.projectionWidth, noise, rng)) as tf.Tensor2D // [B, P]
        );
        return Promise.resolve({
          rows: batch,
          constants: [original, noisy],
          loss(phi, text, drop) {
            const words = phiLayers(phi, noisy, drop); // [B, D]
            const features = phiInput(encodeText(text, config.text, masked, words), input); // [B, P]
            return tf.mean(tf.square(tf.sub(features, anchor ? original : encode(text)))) as tf.Scalar;
          },
        });
      },
      state: () => sampler.state(),
    };
  };
}

/** Trains phi. @param data what the captions are, for the record */
export async function trainLincir(
  clip: Clip,
  makeSampler: (start: unknown) => Sampler<MaskedCaption>,
  { batch, noise, ...training }: LincirRecipe,
  data: string,
  run: RunControl = {},
): Promise<TrainedPhi> {
  const { input } = training;
  const objective = lincirObjective(clip, makeSampler, { batch, noise, input, anchor: true });
  return await trainPhi(clip, "LinCIR", objective, training, { loss: { batch, noise }, data }, run);
}
