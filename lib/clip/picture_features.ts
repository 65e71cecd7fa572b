/**
 * Features of many picture files, remembered on disk in shards: what was encoded once is not encoded again, and a run
 * that is killed goes on where it was.
 *
 * The memory is keyed by content: the weights' hash, the preprocessing and the list of pictures name its folder; each
 * shard knows size and date of its files, and which part of each is shown. What does not fit is refused, never used.
 */
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../formats/atomic_write.ts";
import { readIfThere } from "../formats/read_file.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import { encodeImage } from "./image_encoder.ts";
import { type Clip, jsonHash } from "./model_folder.ts";
import { type PictureFile, readPictures } from "./picture_files.ts";
import type { Preprocessing } from "./preprocess.ts";

/** Pictures a shard, and pictures encoded at once; both are part of what a feature depends on to its last bit. */
const shardSize = 512, batchSize = 64;

/** Features with the key of the memory they are in. */
export interface PictureFeatures {
  /** `[N, P]` in the order of the files, not normalised; the caller's to dispose. */
  features: tf.Tensor2D;
  key: string;
  /** Pictures that were encoded now; the others were remembered. */
  encoded: number;
}

/**
 * Encodes picture files, or reads what is remembered of them.
 *
 * @param cache the folder that holds memories; each has a folder of its own in it
 * @throws {Error} if there are no pictures, one cannot be read, or the memory is of other pictures or weights
 */
export async function pictureFeatures(
  clip: Pick<Clip, "weights" | "config" | "hash">,
  preprocessing: Preprocessing,
  files: readonly PictureFile[],
  cache: string,
  { onEncoded = () => {} }: { onEncoded?: (done: number, total: number, note?: string) => void } = {},
): Promise<PictureFeatures> {
  if (files.length === 0) throw new Error("Encoding pictures failed: there are none.");
  const N = files.length, P = clip.config.projectionWidth;
  const manifest = JSON.stringify(
    {
      weights: clip.hash,
      preprocessing,
      pictures: N,
      ids: await jsonHash(files.map(({ id }) => id)),
      shardSize,
      batchSize,
    },
    null,
    1,
  );
  const key = (await jsonHash(manifest)).slice(0, 16), folder = `${cache}/${key}`;
  const found = await readIfThere(`${folder}/manifest.json`);
  if (found !== undefined && new TextDecoder().decode(found) !== manifest) {
    throw new Error(`Reading features failed: ${folder} was made for other pictures or weights; delete it.`);
  }
  if (found === undefined) await writeAtomically(`${folder}/manifest.json`, manifest);

  const rows = new Float32Array(N * P);
  let encoded = 0;
  const started = performance.now();
  for (let first = 0; first < N; first += shardSize) {
    const shard = files.slice(first, first + shardSize);
    const path = `${folder}/features-${String(first).padStart(6, "0")}.safetensors`;
    const state = await jsonHash(await Promise.all(shard.map(fileState)));
    const bytes = await readIfThere(path);
    if (bytes !== undefined) {
      const { arrays: { features }, metadata } = readSafetensors(bytes, path);
      if (metadata.key !== key || features?.shape.join() !== [shard.length, P].join()) {
        throw new Error(`Reading features failed: ${path} belongs to another memory; delete it.`);
      }
      if (metadata.files !== state) {
        throw new Error(
          `Reading features failed: a picture of ${path} (pictures ${first + 1} to ${first + shard.length}) has ` +
            "changed since; delete the file, and its pictures are encoded again.",
        );
      }
      rows.set(features.values, first * P);
      continue;
    }
    const made = await encodeShard(clip, preprocessing, shard, (done) => {
      const rate = (encoded + done) / ((performance.now() - started) / 1000);
      onEncoded(first + done, N, `${rate.toFixed(0)} pictures a second`);
    });
    await writeAtomically(
      path,
      writeSafetensors({ features: { shape: [shard.length, P], values: made } }, { key, files: state }),
    );
    rows.set(made, first * P);
    encoded += shard.length;
  }
  return { features: tf.tensor2d(rows, [N, P]), key, encoded };
}

/** Encodes a shard; the next batch is decoded while this one is computed. `[shard, P]` */
async function encodeShard(
  { weights, config }: Pick<Clip, "weights" | "config">,
  preprocessing: Preprocessing,
  shard: readonly PictureFile[],
  onDone: (done: number) => void,
): Promise<Float32Array> {
  const S = config.vision.imageSize, P = config.projectionWidth;
  const out = new Float32Array(shard.length * P);
  const read = (from: number) => {
    const pixels = readPictures(shard.slice(from, from + batchSize), preprocessing);
    // Heard when its turn comes; without this an early failure would end the process as "unhandled".
    pixels.catch(() => {});
    return pixels;
  };
  let next = read(0);
  for (let from = 0; from < shard.length; from += batchSize) {
    const pixels = await next, count = Math.min(batchSize, shard.length - from);
    if (from + batchSize < shard.length) next = read(from + batchSize);
    const features = tf.tidy(() => encodeImage(weights, config.vision, tf.tensor4d(pixels, [count, S, S, 3]))); // [B, P]
    out.set(await features.data() as Float32Array, from * P);
    features.dispose();
    onDone(from + count);
  }
  return out;
}

/** What a feature depends on beside weights and preprocessing: the file, and the part of it that is shown. */
async function fileState({ id, path, crop, outline }: PictureFile): Promise<unknown[]> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return [id, size, mtime?.getTime(), crop, outline];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Encoding pictures failed: there is no file ${path} (picture "${id}").`);
  }
}
