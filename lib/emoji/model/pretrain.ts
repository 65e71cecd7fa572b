/** Pretrains an embedded CLIP on images and captions; no caption contains an instruction to change an image. */
import type { ClipConfig } from "../../clip/model/config.ts";
import type { Tokenizer } from "../../clip/model/tokenizer.ts";
import type { Random } from "../../tensors/random.ts";
import type { FitOptions, FitResult, RunControl } from "../../training/fit.ts";
import { augmentImage } from "../data/augment_image.ts";
import { drawCaption } from "../data/captions.ts";
import type { Emoji } from "../data/catalogue.ts";
import { groupFamilies } from "../data/families.ts";
import { emojiSize, type ImageSet } from "../data/images.ts";
import { trainClip } from "../../embedded/train_clip.ts";

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
  const { steps, optimizer, schedule, clipNorm, ...recipe } = options;
  return await trainClip({
    config,
    seed: options.seed,
    options: { steps, optimizer, schedule, clipNorm },
    configuration: { ...recipe, optimizer, schedule, clipNorm, config, images: styles.map(({ source }) => source) },
    draw(rng) {
      const batch = drawBatch(families, options, rng), pixels = new Float32Array(batch.length * bytes);
      batch.forEach(({ code }, i) => {
        const drawn = imagesOf.get(code)!;
        augmentImage(drawn[rng.int(drawn.length)], pixels.subarray(i * bytes, (i + 1) * bytes), rng);
      });
      return { pixels, tokens: tokenizer.encode(batch.map((one) => drawCaption(one, rng))) };
    },
  }, run);
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
