/**
 * Pic2Word (Saito et al., CVPR 2023): phi from pictures alone, by CLIP's own contrastive loss.
 *
 * Letters: B pictures, P width of the CLIP embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { clipLoss, normaliseRows } from "../clip/contrastive_loss.ts";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";
import { pseudoWord } from "../clip/tokenizer.ts";
import { weight } from "../clip/weights.ts";
import { epochSampler, type EpochState } from "../training/epoch_sampler.ts";
import type { RunControl } from "../training/fit.ts";
import type { MakeObjective } from "./objective.ts";
import { type Phi, phiInput, phiLayers } from "./phi.ts";
import { type PhiTraining, type TrainedPhi, trainPhi } from "./train_phi.ts";

/** A training, with the number of pictures a step. */
export interface Pic2wordRecipe extends PhiTraining {
  batch: number;
}

/**
 * The text "a photo of [$]" with `[$] = phi(E_I(x))` shall find its picture in the batch, and the picture its text, at
 * CLIP's own temperature.
 *
 * @param features `[N, P]` of N pictures, not normalised; stays the caller's
 */
export function pic2wordObjective(
  { weights, config, tokenizer }: Clip,
  features: tf.Tensor2D,
  { batch, input }: { batch: number; input: Phi["input"] },
): MakeObjective {
  const items = [...Array(features.shape[0]).keys()];
  if (items.length < 2) {
    throw new Error(
      `Training Pic2Word's phi failed: there ${
        items.length === 1 ? "is 1 picture" : "are no pictures"
      }, and its loss ` +
        "tells pictures apart; give at least 2.",
    );
  }
  const rows = Math.min(batch, items.length);
  const prompts = tokenizer.encode(Array<string>(rows).fill(`a photo of ${pseudoWord}`));
  return (start) => {
    const sampler = epochSampler(items, start as number | EpochState);
    return {
      next() {
        const drawn = sampler.next(rows);
        const [pictures, scale] = tf.tidy(() => [
          tf.gather(features, tf.tensor1d(drawn, "int32")), // [B, P]
          tf.exp(weight(weights, "logit_scale")), // []
        ]);
        return Promise.resolve({
          rows,
          constants: [pictures, scale],
          loss(phi, text, drop) {
            const words = phiLayers(phi, phiInput(pictures as tf.Tensor2D, input), drop); // [B, D]
            const queries = encodeText(text, config.text, prompts, words); // [B, P]
            return clipLoss(normaliseRows(pictures as tf.Tensor2D), normaliseRows(queries), scale as tf.Scalar);
          },
        });
      },
      state: () => sampler.state(),
    };
  };
}

/** Trains phi. @param data what the pictures are, for the record */
export async function trainPic2word(
  clip: Clip,
  features: tf.Tensor2D,
  { batch, ...training }: Pic2wordRecipe,
  data: string,
  run: RunControl = {},
): Promise<TrainedPhi> {
  const objective = pic2wordObjective(clip, features, { batch, input: training.input });
  return await trainPhi(clip, "Pic2Word", objective, training, { loss: { batch }, data }, run);
}
