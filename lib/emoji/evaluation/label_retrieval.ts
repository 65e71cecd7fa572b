/** Plain image-text retrieval on emoji, with their labels as captions. */
import { encodeImages, encodeTexts } from "../../clip/encode.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import { recallAt } from "../../evaluation/metrics.ts";
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import { rankGallery } from "../../evaluation/ranking.ts";
import { rowsAt } from "../../tensors/rows_at.ts";
import * as tf from "../../tensors/tf.ts";
import type { Weights } from "../../tensors/weights.ts";
import { normaliseImages } from "../../embedded/normalise_images.ts";
import type { Emoji } from "../data/catalogue.ts";
import { imageDuplicates } from "../data/duplicates.ts";
import type { ImageStyle } from "../../embedded/icons.ts";
import type { ImageSet } from "../data/images.ts";

/** Recall in percent over all images of one style; duplicates of the correct image are correct too. */
export interface LabelRetrieval {
  /** The style. */
  style: ImageStyle;
  /** Number of images. */
  images: number;
  /** Labels as queries, images as gallery. */
  labelToImage: { "R@1": number; "R@10": number };
  /** Images as queries, labels as gallery. */
  imageToLabel: { "R@1": number; "R@10": number };
}

/** Options of {@linkcode labelRetrieval}. */
export interface LabelRetrievalOptions {
  /** All emoji, for their captions. */
  emoji: readonly Emoji[];
  /** The images of one style. */
  images: ImageSet;
  /** Features of images by id, where they are encoded already; absent: they are encoded here. */
  features?: FeatureRows;
  /** Weights of a fine-tuned text encoder; absent: the frozen one. */
  textWeights?: Weights;
}

/** Measures plain image-text retrieval in both directions. */
export async function labelRetrieval(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { emoji, images, features, textWeights }: LabelRetrievalOptions,
): Promise<LabelRetrieval> {
  const captions = new Map(emoji.map(({ code, caption }) => [code, caption]));
  const encoder = { ...clip, weights: { ...clip.weights, ...textWeights } };
  const relevance = imageDuplicates(images).map((correct) => ({ correct, excluded: [] }));
  const recalls = async (queries: tf.Tensor2D, gallery: tf.Tensor2D) => {
    const rankings = await rankGallery({ queries, gallery, relevance });
    const ranks = rankings.map(({ ranks }) => Math.min(...ranks));
    return { "R@1": recallAt(ranks, 1), "R@10": recallAt(ranks, 10) };
  };
  const rowsOf = ({ rows, index }: FeatureRows) =>
    rowsAt(rows, images.codes.map((code) => index.get(`${images.style}/${code}`)!)); // [N, P]
  const made: tf.Tensor2D[] = [];
  try {
    const imageRows = features ? rowsOf(features) : await encodeImages(clip, normaliseImages(images.pixels)); // [N, P]
    made.push(imageRows);
    const labelRows = await encodeTexts(encoder, images.codes.map((code) => captions.get(code)!)); // [N, P]
    made.push(labelRows);
    return {
      style: images.style,
      images: images.codes.length,
      labelToImage: await recalls(labelRows, imageRows),
      imageToLabel: await recalls(imageRows, labelRows),
    };
  } finally {
    tf.dispose(made);
  }
}
