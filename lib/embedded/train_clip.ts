/** Trains both towers of a CLIP on images and captions that are drawn as the training goes. */
import { encodePixels } from "../clip/model/image_encoder.ts";
import type { ClipConfig } from "../clip/model/config.ts";
import { initialClip } from "../clip/model/shapes.ts";
import { encodeTokens } from "../clip/model/text_encoder.ts";
import type { TokenBatch } from "../clip/model/tokenizer.ts";
import { clipLoss, normaliseRows } from "../tensors/contrastive_losses.ts";
import { type Random, random, type RandomState } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";
import { weight, type Weights } from "../tensors/weights.ts";
import { fit, type FitOptions, type FitResult, type RunControl } from "../training/fit.ts";
import type { TrainingStep } from "../training/step_source.ts";

/** Images with their captions, in the same order. */
export interface CaptionedBatch {
  /** `[B, S, S, 3]` floats, normalised as the image tower reads them. */
  pixels: Float32Array;
  /** Tokens of the B captions. */
  tokens: TokenBatch;
}

/** What {@linkcode trainClip} trains. */
export interface TrainClipOptions {
  /** Sizes of both towers. */
  config: ClipConfig;
  /** Seed of weights and batches. */
  seed: number;
  /** Number of steps, optimizer and learning-rate schedule. */
  options: FitOptions;
  /** Everything that decides the result, for the checkpoint. */
  configuration: Record<string, unknown>;
  /** Draws a batch. */
  draw: (rng: Random) => CaptionedBatch;
  /** Changes the untrained weights; by default they are those of `initialClip`. */
  initial?: (weights: Weights) => Weights;
}

/** Upper bound of CLIP's logarithmic scale, `log(1 / temperature)`, as in its own training. */
const largestLogitScale = Math.log(100);

/**
 * Trains a CLIP from random weights with CLIP's own loss.
 *
 * @returns the CLIP's weights as `parameters`; the caller disposes them
 * @throws {Error} as `draw` and `fit` do
 */
export async function trainClip(
  { config, seed, options, configuration, draw, initial = (weights) => weights }: TrainClipOptions,
  run: RunControl,
): Promise<FitResult> {
  let rng = random(seed);
  const side = config.vision.imageSize;

  function next(): TrainingStep {
    const { pixels, tokens } = draw(rng);
    const images = tf.tensor4d(pixels, [pixels.length / (side * side * 3), side, side, 3]); // [B, S, S, 3]
    return {
      loss(w) {
        const image = normaliseRows(encodePixels(w, config.vision, images)); // [B, P]
        const text = normaliseRows(encodeTokens(w, config.text, tokens)); // [B, P]
        return clipLoss(image, text, tf.exp(weight<tf.Scalar>(w, "logit_scale")));
      },
      constants: [images],
    };
  }

  return await fit<RandomState>({
    ...run,
    title: "Pretraining",
    configuration,
    options,
    initial: () => initial(initialClip(config, rng)),
    source: {
      next: () => Promise.resolve(next()),
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
