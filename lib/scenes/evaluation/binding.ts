/**
 * What a CLIP of scenes binds: for an image, its own caption against one that differs in one thing. Chance is 50 %.
 */
import { encodeImages, encodeTexts } from "../../clip/encode.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import { normaliseImages } from "../../embedded/normalise_images.ts";
import { normaliseRows } from "../../tensors/contrastive_losses.ts";
import { type Random, random } from "../../tensors/random.ts";
import * as tf from "../../tensors/tf.ts";
import { sceneCaption } from "../data/captions.ts";
import { drawScene, sceneSize } from "../data/draw_scene.ts";
import { drawEdit, type SceneAspect, sceneAspects } from "../data/edits.ts";
import { isHeldOut } from "../data/pairs.ts";
import { oppositeSides, randomScene, type Scene, sides } from "../data/scene.ts";
import type { SpriteSet } from "../data/sprites.ts";

/** What the two captions differ in: an aspect; which kind has which number and size; the side of the first group. */
export type BindingFactor = Exclude<SceneAspect, "two"> | "exchanged" | "side";

/** Options of {@linkcode binding}. */
export interface BindingOptions {
  /** Indices of the kinds; two are together only where they are a held-out pair. */
  kinds: readonly number[];
  /** The drawings. */
  sprites: SpriteSet;
  /** Images of each factor; 400 by default. */
  images?: number;
  /** Decides the images; 1 by default. */
  seed?: number;
}

/** Measures, for each factor, in how many of a hundred images the own caption is nearer than the other one. */
export async function binding(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { kinds, sprites, images: count = 400, seed = 1 }: BindingOptions,
): Promise<Record<BindingFactor, number>> {
  const rng = random(seed + 8000), bytes = sceneSize * sceneSize * 3;
  const factors: BindingFactor[] = [...sceneAspects.filter((aspect) => aspect !== "two"), "exchanged", "side"];
  const found: [BindingFactor, number][] = [];
  for (const factor of factors) {
    const pairs = Array.from({ length: count }, () => drawPair(factor, kinds, rng));
    const pixels = new Uint8Array(count * bytes);
    pairs.forEach(([own], i) => drawScene(own, sprites, pixels.subarray(i * bytes, (i + 1) * bytes), rng));
    const encoded = await encodeImages(clip, normaliseImages(pixels)); // [N, P]
    const own = await encodeTexts(clip, pairs.map(([scene]) => sceneCaption(scene))); // [N, P]
    const other = await encodeTexts(clip, pairs.map(([, scene]) => sceneCaption(scene))); // [N, P]
    const nearer = tf.tidy(() => {
      const image = normaliseRows(encoded); // [N, P]
      const cosine = (texts: tf.Tensor2D) => tf.sum(tf.mul(image, normaliseRows(texts)), 1); // [N]
      return tf.mean(tf.cast(tf.greater(cosine(own), cosine(other)), "float32")) as tf.Scalar;
    });
    found.push([factor, 100 * (await nearer.data())[0]]);
    tf.dispose([encoded, own, other, nearer]);
  }
  return Object.fromEntries(found) as Record<BindingFactor, number>;
}

/** Draws a scene, and one that differs from it in a factor. */
function drawPair(factor: BindingFactor, kinds: readonly number[], rng: Random): [Scene, Scene] {
  const together = isHeldOut;
  for (;;) {
    const scene = randomScene({ kinds, together, alone: factor === "addition" ? 1 : 0.3, sided: 0 }, rng);
    const [first, second] = scene.groups;
    if (factor === "side") {
      if (!second) continue;
      const side = sides[rng.int(sides.length)];
      return [{ ...scene, side }, { ...scene, side: oppositeSides[side] }];
    }
    if (factor === "exchanged") {
      if (!second || (first.count === second.count && first.size === second.size)) continue;
      return [scene, { ...scene, groups: [{ ...first, kind: second.kind }, { ...second, kind: first.kind }] }];
    }
    const edit = drawEdit(scene, factor, { kinds, together }, rng);
    if (edit) return [scene, edit.target];
  }
}
