/**
 * LinCIR (Gu et al., CVPR 2024): trains phi on captions alone, by self-masking projection.
 *
 * Letters: B captions, P width of the CLIP embedding, D width of a token embedding.
 */
import type { Clip } from "../../clip/files/model_folder.ts";
import { batchEncoder, type EncodeBatch } from "../../clip/batch_encoder.ts";
import * as tf from "../../tensors/tf.ts";
import type { RunControl } from "../../training/fit.ts";
import { dataOf, type MakeSampler } from "../../training/sampler.ts";
import { fitPhi, type PhiTraining, type TrainedPhi } from "../fit_phi.ts";
import { drawNoise } from "../noise.ts";
import type { Objective } from "../objective.ts";
import { type Phi, phiInput, phiLayers } from "../phi.ts";

/** A caption, and the same caption with its keywords replaced by the placeholder `[$]`. */
export interface MaskedCaption {
  /** The whole caption. */
  caption: string;
  /** The caption with each run of keywords, or with one word, replaced by `[$]`. */
  masked: string;
}

/** A recipe for LinCIR's phi. */
export interface LincirRecipe extends PhiTraining {
  /** Captions a step. */
  batch: number;
  /** Scale of the noise that is added to the caption's embedding; 1 as published. */
  noise: number;
}

/** Options of {@linkcode lincirObjective}. */
export interface LincirOptions {
  /** Captions a step. */
  batch: number;
  /** Scale of the noise that is added to the caption's embedding; 1 as published. */
  noise: number;
  /** The form of phi's input. */
  input: Phi["input"];
  /** Whether targets come from the frozen encoder; otherwise, in naive fine-tuning, the trained one computes them. */
  anchor: boolean;
}

/**
 * Makes LinCIR's loss: the mean squared error between the features of the masked caption, with `[$] = phi(E(caption) +
 * noise)`, and those of the whole caption, both un-normalised (in the form that `phiInput` gives them).
 *
 * @param captions starts a sampler of masked captions
 * @param seed of the sampler
 */
export function lincirObjective<State>(
  { weights, config, tokenizer }: Pick<Clip, "weights" | "config" | "tokenizer">,
  captions: MakeSampler<MaskedCaption, State>,
  seed: number,
  { batch, noise, input, anchor }: LincirOptions,
): Objective<State> {
  let sampler = captions(seed);
  return {
    next(rng) {
      const drawn = sampler.next(batch);
      const whole = tokenizer.encode(drawn.map(({ caption }) => caption));
      const masked = tokenizer.encode(drawn.map(({ masked }) => masked));
      const target = (encode: EncodeBatch) => phiInput(encode(whole), input); // [B, P]
      const original = tf.tidy(() => target(batchEncoder(weights, config.text))); // [B, P]
      const noisy = tf.tidy(() => {
        const noiseRows = drawNoise(batch, config.projectionWidth, noise, rng); // [B, P]
        return tf.add(original, noiseRows) as tf.Tensor2D; // [B, P]
      });
      return Promise.resolve({
        rows: batch,
        constants: [original, noisy],
        loss(phi, encode, dropout) {
          const pseudoTokens = phiLayers(phi, noisy, dropout); // [B, D]
          const features = phiInput(encode(masked, { pseudoTokens }), input); // [B, P]
          return tf.mean(tf.square(tf.sub(features, anchor ? original : target(encode)))) as tf.Scalar;
        },
      });
    },
    state: () => sampler.state(),
    restore: (state) => sampler = captions(state),
    data: () => dataOf(captions),
  };
}

/** Trains LinCIR's phi and returns it. @param data description of the captions, for the provenance */
export async function trainLincir<State>(
  clip: Clip,
  captions: MakeSampler<MaskedCaption, State>,
  { batch, noise, ...training }: LincirRecipe,
  data: string,
  control: RunControl = {},
): Promise<TrainedPhi> {
  const { input, seed } = training;
  const objective = lincirObjective(clip, captions, seed + 1, { batch, noise, input, anchor: true });
  const provenance = { loss: { batch, noise }, data };
  return await fitPhi({ ...control, clip, method: "LinCIR", objective, training, provenance });
}
