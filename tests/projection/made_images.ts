/** Made images for the trainings of phi: features, tokens, and phrases that are drawn for them. */
import * as tf from "../../lib/tensors/tf.ts";
import type { DrawPhrase, PhrasePair } from "../../lib/projection/searle/phrases.ts";
import { type Random, random } from "../../lib/tensors/random.ts";

/** Names a function that draws phrases by a hash, as `phraseDrawer` does. */
export function drawer(draw: (image: number, rng: Random) => PhrasePair, hash = "made"): DrawPhrase {
  return Object.assign((image: number, rng: Random) => draw(image, rng), { data: () => Promise.resolve(hash) });
}

/** Draws a made phrase for an image. */
export const draw = drawer((image, rng) => {
  const other = 5 + rng.int(9);
  return { phrase: `37 ${5 + image} ${other} 39`, masked: `37 3 ${other} 39` };
});

/** Made features or tokens, normally distributed. */
export function made(width: number, rows: number): tf.Tensor2D {
  const rng = random(5);
  return tf.tensor2d(Float32Array.from({ length: rows * width }, () => rng.normal()), [rows, width]);
}
