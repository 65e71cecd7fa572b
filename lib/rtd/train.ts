/**
 * Training RTD: a trainable copy of the text encoder, pulled towards the frozen one's features of targets.
 *
 * Letters: B triplets, N pairs (B, or 2B with refined batches), P width of the embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { frozenTexts } from "../clip/frozen_texts.ts";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";
import type { Weights } from "../clip/weights.ts";
import type { Phi } from "../projection/phi.ts";
import type { FitSource } from "../training/fit.ts";
import { random, type RandomState } from "../training/random.ts";
import type { TripletSampler } from "../triplets/triplet.ts";
import { noisyPseudoWords } from "./concatenation.ts";
import { rtdLoss } from "./loss.ts";
import type { RtdRecipe } from "./recipe.ts";
import { type StepPairs, stepPairs } from "./sampler.ts";
import { type Tuned, tuneText, type TuningRun } from "./tune_text.ts";

/** What is tuned, and with what. */
export interface RtdModel {
  clip: Clip;
  phi: Phi;
  phiHash: string;
}

/**
 * Trains.
 *
 * @param makeSampler a sampler of triplets from a seed (a number) or from what an earlier one's `state()` returned
 * @throws {Error} if the loss stops being a number, or the checkpoint to resume is of another recipe or model
 */
export async function trainRtd(
  { clip, phi, phiHash }: RtdModel,
  makeSampler: (start: unknown) => TripletSampler,
  recipe: RtdRecipe,
  run: TuningRun = {},
): Promise<Tuned> {
  const { steps, ...rest } = recipe;
  const anchor = frozenTexts(clip);

  /** Draws the steps. @param saved where an earlier run stopped */
  function begin(saved?: unknown): FitSource {
    const state = saved as { random: RandomState; sampler: unknown } | undefined;
    const rng = random(state?.random ?? recipe.seed);
    const sampler = makeSampler(state ? state.sampler : recipe.seed);
    return {
      async next() {
        const pairs = stepPairs(sampler.next(recipe.batch), recipe.concatenation, recipe.refinedBatches);
        const references = await anchor.features(pairs.references); // [B, P]
        const targets = await anchor.features(pairs.composed.targets); // [B, P]
        const words = recipe.concatenation === "phi"
          ? noisyPseudoWords(phi, references, recipe.noise, rng) // [B, D]
          : undefined;
        return {
          loss: (text) => stepLoss(clip, text, pairs, words, references, targets, recipe),
          constants: [references, targets, ...(words ? [words] : [])],
        };
      },
      state: () => ({ random: rng.state(), sampler: sampler.state() }),
    };
  }

  return await tuneText(
    clip,
    recipe.trainable,
    {
      title: "Training RTD",
      configuration: { ...rest, clip: clip.hash, phi: phiHash },
      options: { steps, optimizer: recipe.optimizer, schedule: recipe.schedule },
      begin,
    },
    run,
  );
}

/** The loss of one step as a function of the text weights. */
function stepLoss(
  clip: Clip,
  text: Weights,
  { composed, refined }: StepPairs,
  words: tf.Tensor2D | undefined,
  references: tf.Tensor2D,
  targets: tf.Tensor2D,
  { anchor, temperature, keepCaptions }: RtdRecipe,
): tf.Scalar {
  const encode = (texts: string[], words?: tf.Tensor2D) =>
    normaliseRows(encodeText(text, clip.config.text, clip.tokenizer.encode(texts), words)); // [B, P]
  const groups = refined ? [composed, refined] : [composed];
  const queries = tf.concat(groups.map((group) => encode(group.queries, words))) as tf.Tensor2D; // [N, P]
  const side = (group: typeof composed, features: tf.Tensor2D) =>
    anchor ? normaliseRows(features) : encode(group.targets); // [B, P]
  const sides = [side(composed, targets), ...(refined ? [side(refined, references)] : [])];
  const loss = rtdLoss(tf.concat(sides) as tf.Tensor2D, queries, temperature);
  if (keepCaptions === 0) return loss;
  const kept = tf.sum(tf.mul(encode(composed.targets), normaliseRows(targets)), 1); // [B]
  return tf.add(loss, tf.mul(tf.mean(tf.sub(1, kept)), keepCaptions)) as tf.Scalar;
}
