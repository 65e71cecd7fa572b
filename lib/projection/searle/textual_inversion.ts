/**
 * Optimization-based textual inversion (OTI; SEARLE, Baldrati et al., ICCV 2023): finds one pseudo-token for each image
 * by gradient descent, for many images in parallel.
 *
 * Letters: B images of a batch, P width of the CLIP embedding, D width of a token embedding.
 */
import type { Clip } from "../../clip/files/model_folder.ts";
import { type FrozenTextFeatures, frozenTextFeatures } from "../../clip/frozen_text_features.ts";
import { batchEncoder } from "../../clip/batch_encoder.ts";
import { placeholder } from "../../clip/model/tokenizer.ts";
import { cosineLoss } from "../../tensors/contrastive_losses.ts";
import { type Random, random, type RandomState } from "../../tensors/random.ts";
import * as tf from "../../tensors/tf.ts";
import { fit, type FitOptions } from "../../training/fit.ts";
import type { DrawPhrase } from "./phrases.ts";

/** A recipe for textual inversion. */
export interface InversionOptions extends FitOptions {
  /** Seed of initial tokens, prompts and phrases. */
  seed: number;
  /** Number of images that are inverted in parallel; their losses are independent of each other. */
  batch: number;
  /** Prompts, each with `[$]`; one is drawn for each image and step. */
  templates: readonly string[];
  /** Standard deviation of the initial tokens, which are normal with mean 0. */
  initialStandardDeviation: number;
  /** Decay of the exponential moving average of the tokens over steps; the average is the result. */
  average: number;
  /** Weight of the image's loss term; the loss is divided by the sum of both weights. */
  imageWeight: number;
  /** Weight of the phrases' loss term. */
  phraseWeight: number;
}

/** Number of concepts for each image from which the phrases of its inversion are drawn, as published. */
export const inversionConcepts = 15;

/**
 * Twenty-four prompts that say what kind of image it is and not what it shows: photographs, illustrations, sketches,
 * diagrams, and the pseudo-token alone. SEARLE takes as many of that kind from PALAVRA (Cohen et al., ECCV 2022); the words
 * are this toolkit's own, so a published run is followed to the letter only with its own list (`--templates FILE`).
 */
export const searleTemplates: readonly string[] = [
  "{}",
  "a {}",
  "a photo of {}",
  "a photo of a {}",
  "a photograph showing {}",
  "this is a photo of a {}",
  "a snapshot of a {}",
  "a picture of {}",
  "a close-up picture of a {}",
  "an image of a {}",
  "an image that shows a {}",
  "an illustration of {}",
  "an illustration of a {}",
  "a book illustration with a {}",
  "a drawing of a {}",
  "a line drawing of a {}",
  "a sketch of {}",
  "a sketch of a {}",
  "a quick pencil sketch of a {}",
  "a diagram of {}",
  "a diagram of a {}",
  "a schematic diagram of a {}",
  "a painting of a {}",
  "a rendering of a {}",
].map((template) => template.replace("{}", () => placeholder));

/**
 * Fifteen prompts for photographs, the default of version 0.2. The list was written for this toolkit.
 */
export const inversionTemplates: readonly string[] = [
  "a photo of",
  "a photo of a",
  "a photo of the",
  "a picture of",
  "a picture of a",
  "an image of",
  "an image of the",
  "a close-up photo of a",
  "a cropped photo of a",
  "a bright photo of a",
  "a dark photo of the",
  "a good photo of a",
  "a low resolution photo of a",
  "a rendition of a",
  "there is a",
].map((prefix) => `${prefix} ${placeholder}`);

/**
 * The published recipe: 350 steps with a learning rate of 0.02, weight decay 0.01, batches of 32, initial tokens with a
 * standard deviation of 0.02, moving average with decay 0.99, phrases weighted 0.5, seed 42.
 */
export const paperInversion: InversionOptions = {
  seed: 42,
  steps: 350,
  optimizer: { learningRate: 2e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  schedule: { warmup: 0, shape: "constant" },
  batch: 32,
  templates: searleTemplates,
  initialStandardDeviation: 0.02,
  average: 0.99,
  imageWeight: 1,
  phraseWeight: 0.5,
};

/** The images of one batch. */
export interface InversionBatch {
  /** `[B, P]`, not normalised; the caller keeps and disposes it. */
  features: tf.Tensor2D;
  /** Index of the first image of the batch among all images; `draw` is called with such indices. */
  first: number;
  /** Draws concept phrases; absent: the loss has no phrase term. */
  draw?: DrawPhrase;
}

/** The phrases of one step. */
export interface InversionPhrases {
  /** The phrases with their concept replaced by `[$]`. */
  masked: readonly string[];
  /** `[B, P]`, features of the original phrases. */
  features: tf.Tensor2D;
}

/**
 * Computes the loss of one step for given prompts and phrases, where x are the features of the images:
 *
 * `(w_x * mean(1 - cos(E(prompt), x)) + w_p * mean(1 - cos(E(phrase with [$]), E(phrase)))) / (w_x + w_p)`
 *
 * @param pseudoTokens `[B, D]`
 * @param images `[B, P]`
 */
function inversionLoss(
  { weights, config, tokenizer }: Pick<Clip, "weights" | "config" | "tokenizer">,
  pseudoTokens: tf.Tensor2D,
  images: tf.Tensor2D,
  prompts: readonly string[],
  phrases: InversionPhrases | undefined,
  { imageWeight, phraseWeight }: Pick<InversionOptions, "imageWeight" | "phraseWeight">,
): tf.Scalar {
  const encodeBatch = batchEncoder(weights, config.text);
  const encode = (texts: readonly string[]) => encodeBatch(tokenizer.encode(texts), { pseudoTokens }); // [B, P]
  const imageTerm = cosineLoss(encode(prompts), images);
  if (!phrases) return imageTerm;
  const phraseTerm = cosineLoss(encode(phrases.masked), phrases.features);
  const sum = tf.add(tf.mul(imageTerm, imageWeight), tf.mul(phraseTerm, phraseWeight));
  return tf.div(sum, imageWeight + phraseWeight) as tf.Scalar;
}

/** Result of inverting one batch. */
export interface InvertedBatch {
  /** `[B, D]`; the caller disposes it. */
  tokens: tf.Tensor2D;
  /** The loss of every step. */
  losses: number[];
}

/**
 * Finds the pseudo-tokens of one batch of images by gradient descent.
 *
 * @param rng draws initial tokens, prompts and phrases
 * @throws {Error} if the loss becomes NaN or infinite
 */
export async function invertBatch(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { features, first, draw }: InversionBatch,
  options: InversionOptions,
  rng: Random,
  { onStep = () => {}, frozen = frozenTextFeatures(clip) }: {
    onStep?: (step: number, loss: number) => Promise<void> | void;
    frozen?: FrozenTextFeatures;
  } = {},
): Promise<InvertedBatch> {
  const B = features.shape[0], D = clip.config.text.width;
  const start = Float32Array.from({ length: B * D }, () => options.initialStandardDeviation * rng.normal());
  let average: tf.Tensor = tf.tensor2d(start, [B, D]);
  try {
    const { parameters, losses } = await fit<RandomState>({
      title: "Inverting images",
      configuration: {},
      options,
      initial: () => ({ tokens: tf.tensor2d(start, [B, D]) }),
      source: {
        async next() {
          const prompts = Array.from({ length: B }, () => options.templates[rng.int(options.templates.length)]);
          const pairs = draw && Array.from({ length: B }, (_, i) => draw(first + i, rng));
          const phrases = pairs && {
            masked: pairs.map(({ masked }) => masked),
            features: await frozen.features(pairs.map(({ phrase }) => phrase)), // [B, P]
          };
          return {
            loss: ({ tokens }) => inversionLoss(clip, tokens as tf.Tensor2D, features, prompts, phrases, options),
            constants: phrases ? [phrases.features] : [],
          };
        },
        state: () => rng.state(),
        restore: (state) => rng = random(state),
      },
      afterStep({ tokens }) {
        const next = tf.tidy(() => {
          const past = tf.mul(average, options.average); // [B, D]
          return tf.add(past, tf.mul(tokens, 1 - options.average)); // [B, D]
        });
        average.dispose();
        average = tf.keep(next);
      },
      onStep: ({ step, loss }) => onStep(step, loss),
    });
    tf.dispose(parameters);
    return { tokens: average as tf.Tensor2D, losses };
  } catch (error) {
    average.dispose();
    throw error;
  }
}
