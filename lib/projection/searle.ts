/**
 * SEARLE (Baldrati et al., ICCV 2023): phi learns to give at once the pseudo-words that inversion found slowly.
 *
 * Letters: B pictures, P width of the CLIP embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { frozenTexts } from "../clip/frozen_texts.ts";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";
// The loss has RTD's shape (SEARLE had it first); that file needs nothing but tensors.
import { rtdLoss } from "../rtd/loss.ts";
import { epochSampler, type EpochState } from "../training/epoch_sampler.ts";
import type { RunControl } from "../training/fit.ts";
import { cosineLoss } from "./inversion.ts";
import type { MakeObjective } from "./objective.ts";
import { type Phi, phiInput, phiLayers } from "./phi.ts";
import type { DrawPhrase } from "./phrases.ts";
import { type PhiTraining, type TrainedPhi, trainPhi } from "./train_phi.ts";

/** A training, with the loss's own choices. */
export interface SearleRecipe extends PhiTraining {
  batch: number;
  temperature: number;
  phraseWeight: number;
  /** Concepts a picture from which its phrases are drawn. */
  concepts: number;
}

/** Choices of the loss; published are temperature 0.25, phrases weighted 0.75. */
export interface SearleOptions {
  batch: number;
  input: Phi["input"];
  temperature: number;
  phraseWeight: number;
  /** Phrase targets from the frozen encoder; without, the moving encoder makes both sides. Tells only in naive tuning. */
  anchor: boolean;
}

/**
 * The contrastive loss between phi's pseudo-words and those of inversion, both normalised, plus the phrases' loss.
 *
 * @param features `[N, P]` of N pictures, not normalised; stays the caller's
 * @param inverted `[N, D]`, their pseudo-words; stays the caller's
 */
export function searleObjective(
  clip: Clip,
  features: tf.Tensor2D,
  inverted: tf.Tensor2D,
  draw: DrawPhrase,
  { batch, input, temperature, phraseWeight, anchor }: SearleOptions,
): MakeObjective {
  const { config, tokenizer } = clip;
  const items = [...Array(features.shape[0]).keys()];
  if (items.length < 2 || inverted.shape[0] !== items.length) {
    throw new Error(
      `Training SEARLE's phi failed: there are ${items.length} pictures and ${inverted.shape[0]} inverted words; ` +
        "it needs one word for each of at least 2 pictures.",
    );
  }
  const rows = Math.min(batch, items.length);
  const frozen = frozenTexts(clip);
  return (start) => {
    const sampler = epochSampler(items, start as number | EpochState);
    return {
      async next(rng) {
        const drawn = sampler.next(rows);
        const pairs = drawn.map((picture) => draw(picture, rng));
        const phrases = tokenizer.encode(pairs.map(({ phrase }) => phrase));
        const masked = tokenizer.encode(pairs.map(({ masked }) => masked));
        const targets = await frozen.features(pairs.map(({ phrase }) => phrase)); // [B, P]
        const [pictures, found] = tf.tidy(() => {
          const places = tf.tensor1d(drawn, "int32");
          return [phiInput(tf.gather(features, places), input), normaliseRows(tf.gather(inverted, places))];
        }); // [B, P], [B, D]
        return {
          rows,
          constants: [targets, pictures, found],
          loss(phi, text, drop) {
            const words = phiLayers(phi, pictures, drop); // [B, D]
            const said = encodeText(text, config.text, masked, words); // [B, P]
            const meant = anchor ? targets : encodeText(text, config.text, phrases); // [B, P]
            const contrast = rtdLoss(found, normaliseRows(words), temperature);
            return tf.add(contrast, tf.mul(cosineLoss(said, meant), phraseWeight)) as tf.Scalar;
          },
        };
      },
      state: () => sampler.state(),
    };
  };
}

/** Trains phi. @param data what pictures and phrases are, for the record */
export async function trainSearle(
  clip: Clip,
  features: tf.Tensor2D,
  inverted: tf.Tensor2D,
  draw: DrawPhrase,
  { batch, temperature, phraseWeight, concepts, ...training }: SearleRecipe,
  data: string,
  run: RunControl = {},
): Promise<TrainedPhi> {
  const loss = { batch, temperature, phraseWeight };
  const objective = searleObjective(clip, features, inverted, draw, { ...loss, input: training.input, anchor: true });
  return await trainPhi(clip, "SEARLE", objective, training, { loss: { ...loss, concepts }, data }, run);
}
