/**
 * SEARLE (Baldrati et al., ICCV 2023): distils the pseudo-tokens found by textual inversion into phi, which computes
 * them in one pass.
 *
 * Letters: B images, P width of the CLIP embedding, D width of a token embedding.
 */
import type { Clip } from "../../clip/files/model_folder.ts";
import { frozenTextFeatures } from "../../clip/frozen_text_features.ts";
import { jsonHash } from "../../io/hash.ts";
import { cosineLoss, normaliseRows, ntXentLoss } from "../../tensors/contrastive_losses.ts";
import { rowsAt } from "../../tensors/rows_at.ts";
import { tensorHash } from "../../tensors/tensor_hash.ts";
import * as tf from "../../tensors/tf.ts";
import { type EpochOptions, epochSampler, type EpochState } from "../../training/epoch_sampler.ts";
import type { RunControl } from "../../training/fit.ts";
import { fitPhi, type PhiTraining, type TrainedPhi } from "../fit_phi.ts";
import type { Objective } from "../objective.ts";
import { type Phi, phiInput, phiLayers } from "../phi.ts";
import type { DrawPhrase } from "./phrases.ts";

/** A recipe for SEARLE's phi. */
export interface SearleRecipe extends PhiTraining {
  /** Images a step. */
  batch: number;
  /** Temperature of the contrastive loss; 0.25 as published. */
  temperature: number;
  /** Weight of the phrases' loss; 0.75 as published. */
  phraseWeight: number;
  /** Number of concepts for each image from which its phrases are drawn; 150 as published. */
  concepts: number;
}

/** Options of {@linkcode searleObjective}. */
export interface SearleOptions {
  /** Images a step. */
  batch: number;
  /** The form of phi's input. */
  input: Phi["input"];
  /** Temperature of the contrastive loss; 0.25 as published. */
  temperature: number;
  /** Weight of the phrases' loss; 0.75 as published. */
  phraseWeight: number;
  /** Whether the targets of phrases come from the frozen encoder; otherwise the trained one computes them. */
  anchor: boolean;
  /** What becomes of an epoch's incomplete batch; "span" by default. */
  incompleteBatch?: EpochOptions["incomplete"];
}

/** The images that SEARLE's phi is trained on. */
export interface SearleImages {
  /** `[N, P]`, features of N images, not normalised; the caller keeps and disposes it. */
  features: tf.Tensor2D;
  /** `[N, D]`, the images' inverted pseudo-tokens; the caller keeps and disposes it. */
  inverted: tf.Tensor2D;
  /** Draws a concept phrase for the image with a given index. */
  draw: DrawPhrase;
}

/**
 * Makes SEARLE's loss: the contrastive loss between phi's pseudo-tokens and the inverted ones, both normalised, plus
 * the cosine loss between phrases whose concept is replaced by the pseudo-token and the original phrases.
 *
 * Without inverted pseudo-tokens the phrases' loss alone is left. For naive fine-tuning, where phi is frozen, that is the
 * same training: the contrastive loss does not depend on the text encoder, so that its gradient there is 0.
 *
 * @param seed of the sampler
 * @throws {Error} if there are fewer than two images, or not one inverted pseudo-token for each
 */
export function searleObjective(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { features, inverted, draw }: Omit<SearleImages, "inverted"> & Partial<Pick<SearleImages, "inverted">>,
  seed: number,
  { batch, input, temperature, phraseWeight, anchor, incompleteBatch: incomplete }: SearleOptions,
): Objective<EpochState> {
  const { tokenizer } = clip;
  const items = [...Array(features.shape[0]).keys()];
  if (items.length < 2 || (inverted && inverted.shape[0] !== items.length)) {
    throw new Error(
      `Training with SEARLE's loss failed: there are ${items.length} images` +
        `${inverted ? ` and ${inverted.shape[0]} inverted tokens` : ""}; ` +
        "it needs one token for each of at least 2 images.",
    );
  }
  const rows = Math.min(batch, items.length);
  const frozen = frozenTextFeatures(clip);
  let sampler = epochSampler(items, seed, { incomplete });
  return {
    async next(rng) {
      const drawn = sampler.next(rows);
      const pairs = drawn.map((image) => draw(image, rng));
      const phrases = tokenizer.encode(pairs.map(({ phrase }) => phrase));
      const masked = tokenizer.encode(pairs.map(({ masked }) => masked));
      const targets = await frozen.features(pairs.map(({ phrase }) => phrase)); // [B, P]
      const images = tf.tidy(() => phiInput(rowsAt(features, drawn), input)); // [B, P]
      const invertedTokens = inverted && tf.tidy(() => normaliseRows(rowsAt(inverted, drawn))); // [B, D]
      return {
        rows,
        constants: [targets, images, ...(invertedTokens ? [invertedTokens] : [])],
        loss(phi, encode, dropout) {
          const pseudoTokens = phiLayers(phi, images, dropout); // [B, D]
          const encodedMasked = encode(masked, { pseudoTokens }); // [B, P]
          const encodedPhrases = anchor ? targets : encode(phrases); // [B, P]
          const phraseLoss = tf.mul(cosineLoss(encodedMasked, encodedPhrases), phraseWeight) as tf.Scalar;
          if (!invertedTokens) return phraseLoss;
          return tf.add(ntXentLoss(invertedTokens, normaliseRows(pseudoTokens), temperature), phraseLoss) as tf.Scalar;
        },
      };
    },
    state: () => sampler.state(),
    restore: (state) => sampler = epochSampler(items, state, { incomplete }),
    data: async () =>
      jsonHash([await tensorHash(features), inverted ? await tensorHash(inverted) : null, await draw.data()]),
  };
}

/** Trains SEARLE's phi and returns it. @param data description of images and phrases, for the provenance */
export async function trainSearle(
  clip: Clip,
  images: SearleImages,
  { batch, temperature, phraseWeight, concepts, ...training }: SearleRecipe,
  data: string,
  control: RunControl = {},
): Promise<TrainedPhi> {
  const loss = { batch, temperature, phraseWeight };
  const { input, incompleteBatch } = training, options = { ...loss, input, incompleteBatch, anchor: true };
  const objective = searleObjective(clip, images, training.seed + 1, options);
  const provenance = { loss: { ...loss, concepts }, data };
  return await fitPhi({ ...control, clip, method: "SEARLE", objective, training, provenance });
}
