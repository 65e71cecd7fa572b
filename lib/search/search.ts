/**
 * Search in a collection by an image, a text that changes it, or both.
 *
 * Letters: N images, P width of the embedding.
 */
import * as tf from "../tensors/tf.ts";
import { highest } from "./highest.ts";
import type { ImageIndex } from "./image_index.ts";
import { encodeQuery, multiplied, type QueryOptions, summed } from "./query_terms.ts";

/** A query in a collection in memory. */
export interface SearchOptions extends QueryOptions {
  /** The reference image: a row of the index, or the features `[P]` of another image. */
  image?: number | Float32Array;
  /** Number of results (default 20). */
  top?: number;
}

/** A result. */
export interface SearchHit {
  /** Row of the image in the index. */
  row: number;
  /** Its name. */
  id: string;
  /** What it was ranked by: a cosine, or what the method makes of several. */
  score: number;
}

/**
 * Ranks all images of an index by their similarity to a query. A reference that is a row of the index is not among the
 * results.
 *
 * @throws {Error} if there is neither an image nor a text, a model that the method needs is missing, the features are of
 *   another width, top is not a whole number above 0, or a score is not a number
 */
export async function search(
  index: ImageIndex,
  { image, top = 20, ...query }: SearchOptions,
): Promise<SearchHit[]> {
  const { unit, ids } = index, [N, P] = unit.shape;
  if (!(Number.isInteger(top) && top >= 1)) {
    throw new Error(`Searching failed: top is ${top}; give a whole number from 1.`);
  }
  if (image instanceof Float32Array ? image.length !== P : image !== undefined && !(image in ids)) {
    const found = image instanceof Float32Array ? `has ${image.length} numbers, expected ${P}` : `is none of ${N} rows`;
    throw new Error(`Searching failed: the image ${found}; was it encoded with the CLIP of the index?`);
  }
  // Looked at here too: a WebGPU shader may compute as if there were no NaN, and its scores would not tell.
  if (image instanceof Float32Array && !image.every(Number.isFinite)) {
    throw new Error("Searching failed: the image has features that are not finite; check the weights of the CLIP.");
  }
  const { combined, terms } = await encodeQuery(
    query,
    typeof image === "number" ? await featureOf(index, image) : image,
  );
  let scores: Float32Array; // [N]
  if (combined === "sum") scores = await products(unit, summed(terms));
  else {
    const cosines = await Promise.all(terms.map((term) => products(unit, term.unit))); // [N] each
    scores = cosines[0].map((_, row) => multiplied(terms, cosines.map((of) => of[row])));
  }
  // Of all images: one whose score is not a number would never be among the best.
  const odd = scores.findIndex((score) => !Number.isFinite(score));
  if (odd >= 0) {
    throw new Error(
      `Searching failed: the score of "${ids[odd]}" is ${
        scores[odd]
      }; check the weights of CLIP, phi and text encoder.`,
    );
  }
  const best = highest(scores, top, typeof image === "number" ? image : undefined);
  return best.map((row) => ({ row, id: ids[row], score: scores[row] }));
}

/** Inner products of all images with a query `[P]`. `[N]` */
async function products(unit: tf.Tensor2D, query: Float32Array): Promise<Float32Array> {
  // The images stand first: a transposed second operand of their size would be written out first on WebAssembly.
  const product = tf.tidy(() => tf.matMul(unit, tf.tensor2d(query, [query.length, 1]))); // [N, 1]
  try {
    return await product.data() as Float32Array;
  } finally {
    product.dispose();
  }
}

/** The feature of an image, as the CLIP gave it. `[P]` */
async function featureOf({ unit, norms }: ImageIndex, row: number): Promise<Float32Array> {
  const one = tf.tidy(() => tf.mul(tf.slice(unit, [row, 0], [1, -1]), tf.slice(norms, [row, 0], [1, 1]))); // [1, P]
  try {
    return await one.data() as Float32Array;
  } finally {
    one.dispose();
  }
}
