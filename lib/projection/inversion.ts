/**
 * Optimisation-based textual inversion (SEARLE, Baldrati et al., ICCV 2023): one pseudo-word for each picture, found by
 * gradient descent, many pictures side by side.
 *
 * Letters: B pictures of a block, P width of the CLIP embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { type FrozenTexts, frozenTexts } from "../clip/frozen_texts.ts";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";
import { pseudoWord } from "../clip/tokenizer.ts";
import { fit, type FitOptions } from "../training/fit.ts";
import type { Random } from "../training/random.ts";
import type { DrawPhrase } from "./phrases.ts";

/** The recipe. */
export interface InversionOptions extends FitOptions {
  seed: number;
  /** Pictures a block; they do not influence each other. */
  batch: number;
  /** Prompts, each with `[$]`; one is drawn for each picture and step. */
  templates: readonly string[];
  /** Standard deviation of the first guess. */
  initialDeviation: number;
  /** Of the exponential average over steps, which is the result. */
  average: number;
  /** Weight of the picture's term, and of the phrases'; the loss is divided by their sum. */
  pictureWeight: number;
  phraseWeight: number;
}

/**
 * Prompts about a picture as a whole, in the manner of CLIP's zero-shot prompts: they say nothing of what it shows.
 * (The published list is CLIP's own for ImageNet; this one is ours.)
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
].map((prefix) => `${prefix} ${pseudoWord}`);

/** As published: 350 steps at 0.02, decay 0.01, first guess N(0, 0.02), average 0.99, phrases weighted 0.5. */
export const paperInversion: InversionOptions = {
  seed: 12345,
  steps: 350,
  optimizer: { learningRate: 2e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  schedule: { warmup: 0, shape: "constant" },
  batch: 128,
  templates: inversionTemplates,
  initialDeviation: 0.02,
  average: 0.99,
  pictureWeight: 1,
  phraseWeight: 0.5,
};

/** What one block is inverted from. */
export interface InversionBlock {
  /** `[B, P]`, not normalised; stays the caller's. */
  features: tf.Tensor2D;
  /** Number of the block's first picture, as `draw` counts them. */
  first: number;
  /** Absent: no phrase term. */
  draw?: DrawPhrase;
}

/** `mean(1 - cos)` over rows. `[B, P]`, `[B, P]` to a scalar. */
export function cosineLoss(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.sub(1, tf.sum(tf.mul(normaliseRows(a), normaliseRows(b)), 1))) as tf.Scalar;
}

/**
 * The loss of one step, with prompts and phrases drawn already.
 *
 * `(w_x * mean(1 - cos(E(prompt), x)) + w_p * mean(1 - cos(E(phrase with [$]), E(phrase)))) / (w_x + w_p)`
 *
 * @param words `[B, D]`
 * @param pictures `[B, P]`
 * @param phrases the phrases with `[$]` and the features `[B, P]` of the whole ones
 */
export function inversionLoss(
  { weights, config, tokenizer }: Pick<Clip, "weights" | "config" | "tokenizer">,
  words: tf.Tensor2D,
  pictures: tf.Tensor2D,
  prompts: readonly string[],
  phrases: { masked: readonly string[]; features: tf.Tensor2D } | undefined,
  { pictureWeight, phraseWeight }: Pick<InversionOptions, "pictureWeight" | "phraseWeight">,
): tf.Scalar {
  const encode = (texts: readonly string[]) => encodeText(weights, config.text, tokenizer.encode(texts), words); // [B, P]
  const shown = cosineLoss(encode(prompts), pictures);
  if (!phrases) return shown;
  const said = cosineLoss(encode(phrases.masked), phrases.features);
  const sum = tf.add(tf.mul(shown, pictureWeight), tf.mul(said, phraseWeight));
  return tf.div(sum, pictureWeight + phraseWeight) as tf.Scalar;
}

/**
 * Finds the pseudo-words of one block.
 *
 * @returns `[B, D]`, the caller's to dispose, and the loss of every step
 */
export async function invertBlock(
  clip: Clip,
  { features, first, draw }: InversionBlock,
  options: InversionOptions,
  rng: Random,
  onStep: (step: number, loss: number) => Promise<void> | void = () => {},
  frozen: FrozenTexts = frozenTexts(clip),
): Promise<{ words: tf.Tensor2D; losses: number[] }> {
  const B = features.shape[0], D = clip.config.text.width;
  const start = Float32Array.from({ length: B * D }, () => options.initialDeviation * rng.normal());
  let average: tf.Tensor = tf.tensor2d(start, [B, D]);
  const { parameters, losses } = await fit({
    title: "Inverting pictures",
    configuration: {},
    options,
    initial: () => ({ words: tf.tensor2d(start, [B, D]) }),
    begin: () => ({
      async next() {
        const prompts = Array.from({ length: B }, () => options.templates[rng.int(options.templates.length)]);
        const pairs = draw && Array.from({ length: B }, (_, i) => draw(first + i, rng));
        const phrases = pairs && {
          masked: pairs.map(({ masked }) => masked),
          features: await frozen.features(pairs.map(({ phrase }) => phrase)), // [B, P]
        };
        return {
          loss: ({ words }) => inversionLoss(clip, words as tf.Tensor2D, features, prompts, phrases, options),
          constants: phrases ? [phrases.features] : [],
        };
      },
      state: () => rng.state(),
    }),
    afterStep({ words }) {
      const next = tf.tidy(() => tf.add(tf.mul(average, options.average), tf.mul(words, 1 - options.average)) // [B, D]
      );
      average.dispose();
      average = tf.keep(next);
    },
  }, { onStep: ({ step, loss }) => onStep(step, loss) });
  tf.dispose(parameters);
  return { words: average as tf.Tensor2D, losses };
}
