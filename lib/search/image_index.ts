/**
 * A collection of images in memory, ready to be searched.
 *
 * Letters: N images, P width of the embedding.
 */
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";

/** A collection of images in memory; disposing of it frees its features. */
export interface ImageIndex extends Disposable {
  /** Names of the images: for an index on disk, their paths below `folder`, with slashes. */
  ids: readonly string[];
  /** `[N, P]`, normalised rows in the order of `ids`. */
  unit: tf.Tensor2D;
  /** `[N, 1]`, the norms that the features had: a published phi reads features as the CLIP gives them. */
  norms: tf.Tensor2D;
  /** The folder that the images are in; absent for a collection that was never files. */
  folder?: string;
}

/**
 * Makes a collection from features that are at hand.
 *
 * @param ids names of the images
 * @param features `[N, P]` in the same order, normalised or not; they stay the caller's
 * @param folder that the ids are paths in
 * @throws {Error} if there are not as many features as ids, or none
 *
 * @example
 * ```ts
 * import { tf, useDevice } from "@rtd/toolkit";
 * import { imageIndex, search } from "@rtd/toolkit/search";
 *
 * await useDevice("wasm");
 * using index = imageIndex(["left.jpg", "up.jpg"], tf.tensor2d([[-1, 0], [0, 2]]));
 * console.log(await search(index, { image: 0 })); // [{ row: 1, id: "up.jpg", score: 0 }]
 * ```
 */
export function imageIndex(ids: readonly string[], features: tf.Tensor2D, folder?: string): ImageIndex {
  const [N] = features.shape;
  if (N !== ids.length || N === 0) {
    throw new Error(
      `Making an index failed: there are ${ids.length} ids and ${N} features, expected one of each or more.`,
    );
  }
  const unit = tf.keep(tf.tidy(() => normaliseRows(features))); // [N, P]
  const norms = tf.keep(tf.tidy(() => tf.norm(features, 2, 1, true) as tf.Tensor2D)); // [N, 1]
  return { ids, unit, norms, folder, [Symbol.dispose]: () => tf.dispose([unit, norms]) };
}
