/**
 * RTD's training: a trainable copy of the text encoder learns to encode composed queries like the frozen encoder
 * encodes their target captions.
 *
 * Letters: B triplets, N pairs (B, or 2B with refined batches), P width of the embedding, D width of a token embedding.
 */
import type { EncodeBatch } from "../clip/batch_encoder.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { frozenTextFeatures } from "../clip/frozen_text_features.ts";
import { jsonHash } from "../io/hash.ts";
import { checkPhiWidths, type Phi } from "../projection/phi.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import { random, type RandomState } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";
import { type EpochOptions, type EpochState, listSampler } from "../training/epoch_sampler.ts";
import { dataOf, type MakeSampler } from "../training/sampler.ts";
import { checkTriplets, cleanText, type Triplet } from "../triplets/triplet.ts";
import { noisyPseudoTokens } from "./concatenation.ts";
import { type FineTuned, fineTuneText, type FineTuningControl } from "./fine_tune_text.ts";
import { keptCaptionSampler } from "./kept_captions.ts";
import { rtdLoss } from "./loss.ts";
import { type StepPairs, stepPairs } from "./pairs.ts";
import { paperRecipe, type RtdRecipe } from "./recipe.ts";

/** What error messages call the training. */
const title = "Training RTD";

/** Options of {@linkcode trainRtd}. */
export interface TrainRtdOptions<State> extends FineTuningControl {
  /** The CLIP whose text encoder is fine-tuned; it is unchanged. */
  clip: Clip;
  /** The frozen projection. */
  phi: Phi;
  /** Text triplets, or a function that starts a sampler of them. A list is sampled by `listSampler`. */
  triplets: readonly Triplet[] | MakeSampler<Triplet, State>;
  /** What becomes of an epoch's incomplete batch of a list (default "span"); a function that starts samplers decides itself. */
  incompleteBatch?: EpochOptions["incomplete"];
  /** The recipe; by default {@linkcode paperRecipe}. */
  recipe?: RtdRecipe;
  /**
   * Captions that the recipe's `keepCaptions` preserves, as many a step as triplets, in the place of the step's own target
   * captions: every one once an epoch.
   */
  keptCaptions?: readonly string[];
}

/**
 * Fine-tunes a copy of the text encoder with the RTD loss and returns it; `clip` is unchanged.
 *
 * @throws {Error} if there are no triplets, one lacks a text, phi was made for a CLIP of other widths, the loss becomes
 *   NaN or infinite, or the checkpoint to resume is missing, damaged, or of another recipe, model or triplets, a
 *   checkpoint is named and the sampler's function has no `data`, `incompleteBatch` comes with a sampler's function or is
 *   "drop" and the list is shorter than a batch, or `keptCaptions` holds an empty one, or none, or has no weight
 * @example
 * ```ts
 * import { changeRecipe, disposeWeights, embeddedRecipe, loadEmbeddedModel, trainRtd, useDevice } from "@rtd/toolkit";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const triplets = [
 *   { reference: "red apple", conditioning: "is green", target: "green apple" },
 *   { reference: "woman running", conditioning: "is a man", target: "man running" },
 * ];
 * const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 2 });
 * const { textWeights, losses } = await trainRtd({ clip, phi, triplets, recipe });
 * console.log(losses);
 * disposeWeights(textWeights);
 * ```
 */
export async function trainRtd<State>(
  { triplets, incompleteBatch, ...options }: TrainRtdOptions<State>,
): Promise<FineTuned> {
  if (typeof triplets === "function") {
    if (incompleteBatch === undefined) return await train({ ...options, sample: triplets });
    throw new Error(
      `${title} failed: incompleteBatch is ${incompleteBatch}, but triplets is a function that starts samplers, which ` +
        "decides that itself; leave incompleteBatch out.",
    );
  }
  if (!Array.isArray(triplets)) {
    throw new Error(`${title} failed: triplets is neither a list nor a function that starts a sampler.`);
  }
  checkTriplets(triplets, title);
  const sample = listSampler(triplets, { incomplete: incompleteBatch });
  // In the order of the first epoch, so that the texts of a step share blocks of the frozen encoder.
  const order = listSampler(triplets)((options.recipe ?? paperRecipe).seed).next(triplets.length);
  const texts = () => order.flatMap(({ reference, target }) => [cleanText(reference), cleanText(target)]);
  return await train<EpochState>({ ...options, sample: Object.assign(sample, { texts }) });
}

async function train<State>(
  { clip, phi, recipe = paperRecipe, sample, keptCaptions, ...control }:
    & Omit<TrainRtdOptions<State>, "triplets" | "incompleteBatch">
    & { sample: MakeSampler<Triplet, State> },
): Promise<FineTuned> {
  const { steps, lora, ...choices } = recipe;
  if (recipe.concatenation === "phi") checkPhiWidths(phi, clip.config, title);
  const keptSampler = keptCaptions && keptCaptionSampler(keptCaptions, recipe, title);
  const frozen = frozenTextFeatures(clip, { expected: sample.texts?.() });
  const frozenKept = frozenTextFeatures(clip, { expected: keptCaptions?.map(cleanText) });
  let rng = random(recipe.seed), sampler = sample(recipe.seed);
  // Another seed than that of noise and order, and than that of low-rank matrices.
  let keptTexts = keptSampler?.(recipe.seed + 2);
  return await fineTuneText<{ random: RandomState; sampler: State; kept?: EpochState }>({
    ...control,
    clip,
    trained: recipe,
    title,
    // Without LoRA as before there was any, so that earlier checkpoints are resumed.
    configuration: { ...choices, ...(lora && { lora }), clip: clip.identity, phi: phi.hash },
    options: { steps, optimizer: recipe.optimizer, schedule: recipe.schedule },
    source: {
      async next() {
        const triplets = sampler.next(recipe.batch);
        checkTriplets(triplets, title); // a sampler's, which nobody has seen before
        const pairs = stepPairs(triplets, recipe);
        const constants: tf.Tensor2D[] = [];
        const kept = (tensor: tf.Tensor2D) => (constants.push(tensor), tensor);
        try {
          const references = kept(await frozen.features(pairs.references)); // [B, P]
          const targets = kept(await frozen.features(pairs.composed.targets)); // [B, P]
          const pseudoTokens = recipe.concatenation === "phi"
            ? kept(noisyPseudoTokens(phi, references, recipe.noise, rng)) // [B, D]
            : undefined;
          const captions = keptTexts?.next(recipe.batch);
          const anchored = captions
            ? { texts: captions, features: kept(await frozenKept.features(captions)) } // [B, P]
            : { texts: pairs.composed.targets, features: targets }; // [B, P]
          return {
            loss: (encode) => stepLoss(clip, encode, { pairs, pseudoTokens, references, targets, anchored }, recipe),
            constants,
          };
        } catch (error) {
          tf.dispose(constants);
          throw error;
        }
      },
      state: () => ({
        ...{ random: rng.state(), sampler: sampler.state() },
        ...(keptTexts && { kept: keptTexts.state() }),
      }),
      restore(saved) {
        rng = random(saved.random);
        sampler = sample(saved.sampler);
        keptTexts = saved.kept && keptSampler?.(saved.kept);
      },
      data: async () =>
        keptSampler ? await jsonHash([await dataOf(sample), await dataOf(keptSampler)]) : await dataOf(sample),
    },
  });
}

/** The data of one step. */
interface StepData {
  /** The texts. */
  pairs: StepPairs;
  /** `[B, D]`; absent unless the concatenation is "phi". */
  pseudoTokens: tf.Tensor2D | undefined;
  /** `[B, P]`, the frozen encoder's features of the reference captions. */
  references: tf.Tensor2D;
  /** `[B, P]`, the frozen encoder's features of the target captions. */
  targets: tf.Tensor2D;
  /** The captions that are kept: B texts, and `[B, P]`, the frozen encoder's features of them. */
  anchored: { texts: string[]; features: tf.Tensor2D };
}

/** Computes the loss of one step as a function of the encoder that is trained. */
function stepLoss(
  clip: Clip,
  encode: EncodeBatch,
  { pairs: { composed, refined }, pseudoTokens, references, targets, anchored }: StepData,
  { anchor, temperature, keepCaptions }: RtdRecipe,
): tf.Scalar {
  const tokens = (texts: string[]) => clip.tokenizer.encode(texts);
  // "a photo of [$]" is the beginning of its row's composed query.
  const endings = refined && tokens(refined.queries);
  const queries = normaliseRows(encode(tokens(composed.queries), { pseudoTokens, endings })); // [N, P]
  const encodeCaptions = (texts: string[]) => normaliseRows(encode(tokens(texts))); // [B, P]
  const side = (group: typeof composed, features: tf.Tensor2D) =>
    anchor ? normaliseRows(features) : encodeCaptions(group.targets); // [B, P]
  const sides = [side(composed, targets), ...(refined ? [side(refined, references)] : [])];
  const loss = rtdLoss(tf.concat(sides) as tf.Tensor2D, queries, temperature);
  if (keepCaptions === 0) return loss;
  const kept = tf.sum(tf.mul(encodeCaptions(anchored.texts), normaliseRows(anchored.features)), 1); // [B]
  return tf.add(loss, tf.mul(tf.mean(tf.sub(1, kept)), keepCaptions)) as tf.Scalar;
}
