/** Plain retrieval between captions and images: what composed retrieval must not cost. */
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { type Metrics, recallAt } from "../evaluation/metrics.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import { rankGallery } from "../evaluation/ranking.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";

/** Name of its headline metric. */
export const plainHeadline = "caption to image R@1";

/**
 * Ranks all images for the caption of each, and all captions for each image.
 *
 * @param captioned ids of images with a caption of each, and the images' features
 * @param textWeights of a fine-tuned text encoder; absent: the frozen one
 * @returns R@1 and R@10 in both directions, percent
 */
export async function plainRetrieval(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { ids, captions, features }: { ids: readonly string[]; captions: readonly string[]; features: FeatureRows },
  textWeights?: Weights,
): Promise<Metrics> {
  const images = rowsAt(features.rows, ids.map((id) => features.index.get(id)!)); // [N, P]
  const texts = await encodeTexts({ ...clip, weights: { ...clip.weights, ...textWeights } }, captions); // [N, P]
  const relevance = ids.map((_, i) => ({ correct: [i], excluded: [] }));
  try {
    const recalls = async (queries: tf.Tensor2D, gallery: tf.Tensor2D, direction: string): Promise<Metrics> => {
      const ranks = (await rankGallery({ queries, gallery, relevance })).map(({ ranks: [rank] }) => rank);
      return { [`${direction} R@1`]: recallAt(ranks, 1), [`${direction} R@10`]: recallAt(ranks, 10) };
    };
    return {
      ...await recalls(texts, images, "caption to image"),
      ...await recalls(images, texts, "image to caption"),
    };
  } finally {
    tf.dispose([images, texts]);
  }
}
