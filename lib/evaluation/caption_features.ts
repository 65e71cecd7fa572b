/**
 * Captions mode: captions replace the images of a benchmark, so that its protocol runs with texts on both sides. The
 * results are not the benchmark's figures, and state so.
 */
import { shown } from "../io/shown.ts";
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { isTexts } from "../io/json_values.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, type Path } from "../io/path.ts";
import { readText } from "../io/read_file.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";
import { cleanText } from "../triplets/triplet.ts";
import type { FeatureRows } from "./rank_part.ts";

/** Captions by image id. */
export type ImageCaptions = ReadonlyMap<string, readonly string[]>;

/**
 * Reads captions of images: a JSON list of `{"candidate": id, "captions": [...]}`. Captions are cleaned by `cleanText`.
 *
 * @throws {Error} if it is no such list, an image is named twice, or has no caption
 */
export async function readImageCaptions(path: Path): Promise<ImageCaptions> {
  const file = filePath(path), text = await readText("captions", file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(
      `Reading captions failed: ${file} is not JSON, expected a list of {"candidate": id, "captions": [...]}.`,
    );
  }
  const captions = new Map<string, string[]>();
  for (const row of Array.isArray(json) ? json : []) {
    const { candidate, captions: list } = row ?? {};
    const fault = typeof candidate !== "string"
      ? 'has no text "candidate"'
      : !isTexts(list) || list.length === 0
      ? 'has no list of texts "captions"'
      : captions.has(candidate)
      ? "names an image for the second time"
      : undefined;
    if (fault) {
      throw new Error(`Reading captions failed: ${shown(row)} in ${file} ${fault}.`);
    }
    captions.set(candidate, list.map(cleanText));
  }
  if (captions.size === 0) {
    throw new Error(`Reading captions failed: ${file} is no list of {"candidate": id, "captions": [...]}.`);
  }
  return captions;
}

/**
 * Computes features of images from their captions: the mean of the captions' normalised features, at the mean of their
 * norms, since phi reads embeddings that are not normalised.
 *
 * @param ids ids of the images; one without captions gets no row
 * @returns `[N, P]` rows by id; the caller disposes them
 */
export async function captionFeatures(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  captions: ImageCaptions,
  ids: readonly string[],
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<FeatureRows> {
  const present = ids.filter((id) => captions.has(id));
  const texts = present.flatMap((id) => captions.get(id)!);
  const owner = present.flatMap((id, i) => captions.get(id)!.map(() => i));
  const encoded = await encodeTexts(clip, texts, { onProgress }); // [T, P]
  const rows = tf.tidy(() => {
    const owners = tf.tensor1d(owner, "int32"), counts = present.map((id) => [captions.get(id)!.length]);
    const mean = (values: tf.Tensor2D) =>
      tf.div(tf.unsortedSegmentSum(values, owners, present.length), tf.tensor2d(counts, [present.length, 1]));
    const norm = mean(tf.norm(encoded, "euclidean", 1, true) as tf.Tensor2D); // [N, 1]
    return tf.mul(normaliseRows(mean(normaliseRows(encoded)) as tf.Tensor2D), norm) as tf.Tensor2D; // [N, P]
  });
  encoded.dispose();
  return { rows, index: new Map(present.map((id, i) => [id, i])) };
}
