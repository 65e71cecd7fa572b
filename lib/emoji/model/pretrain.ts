/** Pretrains an embedded CLIP on images and captions; no caption contains an instruction to change an image. */
import * as tf from "../../tensors/tf.ts";
import type { ClipConfig } from "../../clip/model/config.ts";
import { clipLoss, normaliseRows } from "../../tensors/contrastive_losses.ts";
import { encodePixels } from "../../clip/model/image_encoder.ts";
import { initialClip } from "../../clip/model/shapes.ts";
import { encodeTokens } from "../../clip/model/text_encoder.ts";
import type { Tokenizer } from "../../clip/model/tokenizer.ts";
import { weight } from "../../tensors/weights.ts";
import { fit, type FitOptions, type FitResult, type RunControl } from "../../training/fit.ts";
import type { TrainingStep } from "../../training/step_source.ts";
import { type Random, random, type RandomState } from "../../tensors/random.ts";
import { augmentImage } from "../data/augment.ts";
import { drawCaption } from "../data/captions.ts";
import type { Emoji } from "../data/catalogue.ts";
import { groupFamilies } from "../data/families.ts";
import { emojiSize, type ImageSet } from "../data/images.ts";

/** A recipe for pretraining. */
export interface PretrainOptions extends FitOptions {
  /** Seed of weights, batches and augmentation. */
  seed: number;
  /** Pairs of image and caption in a step. */
  batch: number;
  /** Largest number of members of one family in a batch; they are hard negatives of each other. */
  siblings: number;
}

/** The recipe of the committed weights. */
export const pretrainRecipe: PretrainOptions = {
  seed: 20260,
  steps: 4200,
  batch: 256,
  siblings: 6,
  optimizer: { learningRate: 1.5e-3, beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 },
  schedule: { warmup: 100, shape: "cosine" },
  clipNorm: 1,
};

/** A family of n emoji is drawn n^0.65 times as often as a single emoji, since its members are harder to tell apart. */
const familyPower = 0.65;

/** Upper bound of CLIP's logarithmic scale, `log(1 / temperature)`, as in its own training. */
const largestLogitScale = Math.log(100);

/**
 * Trains both towers of a CLIP from random weights and returns them.
 *
 * @param emoji those to train on; one without an image is left out
 * @param styles images to train on; of an emoji with several, each step draws one
 * @returns the CLIP's weights as `parameters`; the caller disposes them
 * @throws {Error} if the families have too few images for a batch, or as `fit` does
 */
export async function pretrain(
  config: ClipConfig,
  tokenizer: Tokenizer,
  emoji: readonly Emoji[],
  styles: readonly ImageSet[],
  options: PretrainOptions,
  run: RunControl,
): Promise<FitResult> {
  const imagesOf = new Map<string, Uint8Array[]>();
  const bytes = emojiSize * emojiSize * 3;
  for (const { codes, pixels } of styles) {
    codes.forEach((code, i) => {
      const drawn = imagesOf.get(code) ?? [];
      drawn.push(pixels.subarray(i * bytes, (i + 1) * bytes));
      imagesOf.set(code, drawn);
    });
  }
  const families = [...groupFamilies(emoji.filter(({ code }) => imagesOf.has(code))).values()];
  let rng = random(options.seed);

  function draw(): TrainingStep {
    const batch = drawBatch(families, options, rng);
    const pixels = new Float32Array(batch.length * bytes);
    batch.forEach(({ code }, i) => {
      const drawn = imagesOf.get(code)!;
      augmentImage(drawn[rng.int(drawn.length)], pixels.subarray(i * bytes, (i + 1) * bytes), rng);
    });
    const tokens = tokenizer.encode(batch.map((one) => drawCaption(one, rng)));
    const images = tf.tensor4d(pixels, [batch.length, emojiSize, emojiSize, 3]); // [B, S, S, 3]
    return {
      loss(w) {
        const image = normaliseRows(encodePixels(w, config.vision, images)); // [B, P]
        const text = normaliseRows(encodeTokens(w, config.text, tokens)); // [B, P]
        return clipLoss(image, text, tf.exp(weight<tf.Scalar>(w, "logit_scale")));
      },
      constants: [images],
    };
  }

  const { steps, optimizer, schedule, clipNorm, ...recipe } = options;
  return await fit<RandomState>({
    ...run,
    title: "Pretraining",
    configuration: { ...recipe, optimizer, schedule, clipNorm, config, images: styles.map(({ source }) => source) },
    options: { steps, optimizer, schedule, clipNorm },
    initial: () => initialClip(config, rng),
    source: {
      next: () => Promise.resolve(draw()),
      state: () => rng.state(),
      restore: (state) => rng = random(state),
    },
    // Gains, biases and the temperature are not decayed, as in CLIP's own training.
    decays: (_, parameter) => parameter.rank > 1,
    afterStep(weights) {
      const scale = weights.logit_scale;
      weights.logit_scale = tf.keep(tf.tidy(() => tf.minimum(scale, largestLogitScale)));
      scale.dispose();
    },
  });
}

/** Draws a batch: families weighted by a power of their size, a few members of each, no emoji twice. */
function drawBatch(families: readonly Emoji[][], { batch, siblings }: PretrainOptions, rng: Random): Emoji[] {
  const sizes = families.map((members) => members.length ** familyPower);
  // Efraimidis and Spirakis' weighted order: the largest u^(1/w) first.
  const order = families.map((members, i) => ({ members, key: Math.log(1 - rng.uniform()) / sizes[i] }))
    .sort((a, b) => b.key - a.key);
  const drawn: Emoji[] = [];
  for (const { members } of order) {
    const few = members.length <= siblings ? members : pickSome(members, siblings, rng);
    drawn.push(...few.slice(0, batch - drawn.length));
    if (drawn.length === batch) return drawn;
  }
  throw new Error(`Drawing a batch of ${batch} failed: the images' families give only ${drawn.length}; lower batch.`);
}

function pickSome<T>(items: readonly T[], count: number, rng: Random): T[] {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(rng.int(items.length));
  return [...picked].map((i) => items[i]);
}
