/**
 * Pic2Word (Saito et al., CVPR 2023): trains phi on images alone, with CLIP's own contrastive loss.
 *
 * Letters: B images, P width of the CLIP embedding, D width of a token embedding.
 */
import type { Clip } from "../../clip/files/model_folder.ts";
import { clipLoss, normaliseRows } from "../../tensors/contrastive_losses.ts";
import { rowsAt } from "../../tensors/rows_at.ts";
import * as tf from "../../tensors/tf.ts";
import { tensorHash } from "../../tensors/tensor_hash.ts";
import { weight } from "../../tensors/weights.ts";
import { type EpochOptions, epochSampler, type EpochState } from "../../training/epoch_sampler.ts";
import type { RunControl } from "../../training/fit.ts";
import { fitPhi, type PhiTraining, type TrainedPhi } from "../fit_phi.ts";
import type { Objective } from "../objective.ts";
import { type Phi, phiInput, phiLayers } from "../phi.ts";
import { imagePrompt } from "../prompts.ts";

/** A recipe for Pic2Word's phi. */
export interface Pic2wordRecipe extends PhiTraining {
  /** Images a step. */
  batch: number;
}

/**
 * Makes Pic2Word's loss: CLIP's contrastive loss, at CLIP's own temperature, between the features of the images x of a
 * batch and those of the text "a photo of [$]" with `[$] = phi(x)`.
 *
 * @param features `[N, P]` of N images, not normalised; the caller keeps and disposes it
 * @param seed of the sampler
 * @throws {Error} if there are fewer than two images
 */
export function pic2wordObjective(
  { weights, tokenizer }: Pick<Clip, "weights" | "tokenizer">,
  features: tf.Tensor2D,
  seed: number,
  { batch, input, incompleteBatch: incomplete }: {
    batch: number;
    input: Phi["input"];
    incompleteBatch?: EpochOptions["incomplete"];
  },
): Objective<EpochState> {
  const items = [...Array(features.shape[0]).keys()];
  if (items.length < 2) {
    const found = items.length === 1 ? "is 1 image" : "are no images";
    throw new Error(
      `Training Pic2Word's phi failed: there ${found}, and its loss tells images apart; give at least 2.`,
    );
  }
  const rows = Math.min(batch, items.length);
  const prompts = tokenizer.encode(Array<string>(rows).fill(imagePrompt));
  let sampler = epochSampler(items, seed, { incomplete });
  return {
    next() {
      const drawn = sampler.next(rows);
      const [images, scale] = tf.tidy(() => [
        rowsAt(features, drawn), // [B, P]
        tf.exp(weight(weights, "logit_scale")), // []
      ]);
      return Promise.resolve({
        rows,
        constants: [images, scale],
        loss(phi, encode, dropout) {
          const pseudoTokens = phiLayers(phi, phiInput(images as tf.Tensor2D, input), dropout); // [B, D]
          const queries = encode(prompts, { pseudoTokens }); // [B, P]
          return clipLoss(normaliseRows(images as tf.Tensor2D), normaliseRows(queries), scale as tf.Scalar);
        },
      });
    },
    state: () => sampler.state(),
    restore: (state) => sampler = epochSampler(items, state, { incomplete }),
    data: () => tensorHash(features),
  };
}

/**
 * Trains Pic2Word's phi and returns it.
 *
 * @param features `[N, P]` of N images, not normalised; the caller keeps and disposes it
 * @param data description of the images, for the provenance
 */
export async function trainPic2word(
  clip: Clip,
  features: tf.Tensor2D,
  { batch, ...training }: Pic2wordRecipe,
  data: string,
  control: RunControl = {},
): Promise<TrainedPhi> {
  const { input, incompleteBatch } = training;
  const objective = pic2wordObjective(clip, features, training.seed + 1, { batch, input, incompleteBatch });
  return await fitPhi({
    ...control,
    clip,
    method: "Pic2Word",
    objective,
    training,
    provenance: { loss: { batch }, data },
  });
}
