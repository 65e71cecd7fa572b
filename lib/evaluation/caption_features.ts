/**
 * Captions in the place of pictures: the benchmark's protocol with text on both sides. A mode of its own; what it measures
 * is not the benchmark's figure, and every result of it says so.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import { readText } from "../formats/read_file.ts";
import { cleanText } from "../triplets/triplet.ts";
import type { FeatureRows } from "./benchmark_ranking.ts";

/** Captions by picture id. */
export type PictureCaptions = ReadonlyMap<string, readonly string[]>;

/**
 * Reads captions of pictures: a JSON list of `{"candidate": id, "captions": [...]}`.
 * @throws {Error} if it is no such list, a picture is named twice, or has no caption
 */
export async function readPictureCaptions(file: string): Promise<PictureCaptions> {
  const text = await readText("captions", file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`Reading captions failed: ${file} is not JSON.`);
  }
  const captions = new Map<string, string[]>();
  for (const row of Array.isArray(json) ? json : []) {
    const { candidate, captions: list } = row ?? {};
    if (typeof candidate !== "string" || !Array.isArray(list) || list.length === 0 || captions.has(candidate)) {
      throw new Error(
        `Reading captions failed: ${JSON.stringify(row).slice(0, 100)} in ${file} names no picture once.`,
      );
    }
    captions.set(candidate, list.map(cleanText));
  }
  if (captions.size === 0) throw new Error(`Reading captions failed: ${file} is no list of captions by picture.`);
  return captions;
}

/**
 * Features of pictures from their captions: the mean of the captions' normalised features, at the mean of their lengths,
 * since phi reads embeddings that are not normalised.
 * @param ids of the pictures; one without captions has no row
 */
export async function captionFeatures(
  clip: Clip,
  captions: PictureCaptions,
  ids: readonly string[],
): Promise<FeatureRows> {
  const there = ids.filter((id) => captions.has(id));
  const texts = there.flatMap((id) => captions.get(id)!);
  const owner = there.flatMap((id, i) => captions.get(id)!.map(() => i));
  const encoded = await encodeTexts(clip, texts); // [T, P]
  const rows = tf.tidy(() => {
    const places = tf.tensor1d(owner, "int32"), counts = there.map((id) => [captions.get(id)!.length]);
    const mean = (values: tf.Tensor2D) =>
      tf.div(tf.unsortedSegmentSum(values, places, there.length), tf.tensor2d(counts, [there.length, 1]));
    const length = mean(tf.norm(encoded, "euclidean", 1, true) as tf.Tensor2D); // [N, 1]
    return tf.mul(normaliseRows(mean(normaliseRows(encoded)) as tf.Tensor2D), length) as tf.Tensor2D; // [N, P]
  });
  encoded.dispose();
  return { rows, place: new Map(there.map((id, i) => [id, i])) };
}
