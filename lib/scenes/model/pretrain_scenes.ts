/** Pretrains the embedded CLIP of scenes on drawings and captions; no caption contains an instruction. */
import type { ClipConfig } from "../../clip/model/config.ts";
import type { Tokenizer } from "../../clip/model/tokenizer.ts";
import { normaliseImages } from "../../embedded/normalise_images.ts";
import { type CaptionedBatch, trainClip } from "../../embedded/train_clip.ts";
import type { Random } from "../../tensors/random.ts";
import * as tf from "../../tensors/tf.ts";
import type { FitOptions, FitResult, RunControl } from "../../training/fit.ts";
import { drawSceneCaption } from "../data/captions.ts";
import { drawScene, sceneSize } from "../data/draw_scene.ts";
import { randomSibling } from "../data/edits.ts";
import { kinds } from "../data/kinds.ts";
import { isHeldOut } from "../data/pairs.ts";
import { randomScene, type Scene, sceneKey, sides } from "../data/scene.ts";
import type { SpriteSet } from "../data/sprites.ts";

/** A recipe for pretraining on scenes. */
export interface ScenesPretrainOptions extends FitOptions {
  /** Seed of weights, scenes and drawings. */
  seed: number;
  /** Scenes in a step that are drawn at random. */
  scenes: number;
  /** For each of them, further ones that differ from it in one thing: hard negatives. */
  siblings: number;
  /** Share of scenes of one kind. */
  alone: number;
  /** Share of scenes of two kinds that lie on sides of the image, as their captions say. */
  sided: number;
  /** Standard deviation of the image tower's position embeddings before training. */
  positions: number;
}

/** The recipe of the committed weights. */
export const scenesPretrainRecipe: ScenesPretrainOptions = {
  seed: 20263,
  steps: 2500,
  scenes: 64,
  siblings: 3,
  alone: 0.35,
  sided: 0.3,
  positions: 0.5,
  optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 },
  schedule: { warmup: 40, shape: "cosine" },
  clipNorm: 1,
};

/**
 * Trains both towers from random weights and returns them.
 *
 * @param styles drawings to train on; each image has one of them
 * @returns the CLIP's weights as `parameters`; the caller disposes them
 */
export async function pretrainScenes(
  config: ClipConfig,
  tokenizer: Tokenizer,
  styles: readonly SpriteSet[],
  recipe: ScenesPretrainOptions,
  run: RunControl,
): Promise<FitResult> {
  const { steps, optimizer, schedule, clipNorm, seed, positions } = recipe;
  const bytes = sceneSize * sceneSize * 3;
  return await trainClip({
    config,
    seed,
    options: { steps, optimizer, schedule, clipNorm },
    configuration: { ...recipe, config, images: styles.map(({ source }) => source) },
    draw(rng): CaptionedBatch {
      const scenes = drawBatch(recipe, rng), pixels = new Uint8Array(scenes.length * bytes);
      scenes.forEach((scene, i) =>
        drawScene(scene, styles[rng.int(styles.length)], pixels.subarray(i * bytes, (i + 1) * bytes), rng)
      );
      return {
        pixels: normaliseImages(pixels),
        tokens: tokenizer.encode(scenes.map((scene) => drawSceneCaption(scene, rng))),
      };
    },
    // Where things lie is learnt only if it matters from the start: CLIP's own small embeddings drown in the patches.
    initial(weights) {
      const name = "vision_model.embeddings.position_embedding.weight", small = weights[name];
      weights[name] = tf.tidy(() => tf.mul(small, positions / 0.02)); // [1 + N, D]
      small.dispose();
      return weights;
    },
  }, run);
}

/** Draws the scenes of a step: each with its siblings, none twice. */
function drawBatch({ scenes, siblings, alone, sided }: ScenesPretrainOptions, rng: Random): Scene[] {
  const together = (a: number, b: number) => !isHeldOut(a, b), all = [...kinds.keys()];
  const drawn: Scene[] = [], keys = new Set<string>();
  const add = (scene: Scene) => {
    const key = sceneKey(scene), known = keys.has(key);
    if (!known) drawn.push(scene);
    keys.add(key);
    return !known;
  };
  for (let left = scenes; left > 0;) {
    const scene = randomScene({ kinds: all, together, alone, sided }, rng);
    if (!add(scene)) continue;
    left--;
    for (let missing = siblings; missing > 0;) {
      // Of a scene on sides, one sibling in two lies elsewhere.
      const moved = scene.side !== undefined && rng.int(2) === 0;
      const sibling = moved
        ? { ...scene, side: sides[rng.int(sides.length)] }
        : randomSibling(scene, { kinds: all, together }, rng);
      if (add(sibling)) missing--;
    }
  }
  return drawn;
}
