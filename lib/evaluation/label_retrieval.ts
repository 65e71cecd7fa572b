/** Plain image-text retrieval with the labels as captions: how good a CLIP is at what it was trained for. */
import * as tf from "@tensorflow/tfjs";
import { encodePictures, encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import { rankGallery, recallAt } from "./ranking.ts";
import { normalisePictures } from "../emoji/augment.ts";
import type { Emoji } from "../emoji/catalogue.ts";
import { pictureTwins } from "../emoji/picture_twins.ts";
import type { PictureStyle } from "../emoji/icons.ts";
import type { PictureSet } from "../emoji/pictures.ts";

/** Recall in percent over all pictures of one style; pixel-identical pictures are all correct. */
export interface LabelRetrieval {
  style: PictureStyle;
  pictures: number;
  labelToPicture: { "R@1": number; "R@10": number };
  pictureToLabel: { "R@1": number; "R@10": number };
}

/**
 * Measures both directions.
 * @param encoded `[N, P]`: the pictures' features, where they are there already; they stay the caller's
 */
export async function labelRetrieval(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  emoji: readonly Emoji[],
  pictures: PictureSet,
  encoded?: tf.Tensor2D,
): Promise<LabelRetrieval> {
  const captions = new Map(emoji.map(({ code, caption }) => [code, caption]));
  const images = encoded
    ? tf.clone(encoded)
    : await encodePictures(clip.weights, clip.config, normalisePictures(pictures.pixels)); // [N, P]
  const labels = await encodeTexts(clip, pictures.codes.map((code) => captions.get(code)!)); // [N, P]
  const questions = pictureTwins(pictures).map((correct) => ({ correct, exclude: [] }));
  const recalls = async (queries: tf.Tensor2D, gallery: tf.Tensor2D) => {
    const ranks = (await rankGallery(queries, gallery, questions)).map(({ rank }) => rank);
    return { "R@1": recallAt(ranks, 1), "R@10": recallAt(ranks, 10) };
  };
  const result = {
    style: pictures.style,
    pictures: pictures.codes.length,
    labelToPicture: await recalls(labels, images),
    pictureToLabel: await recalls(images, labels),
  };
  tf.dispose([images, labels]);
  return result;
}
