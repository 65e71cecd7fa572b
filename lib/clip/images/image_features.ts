/**
 * Features of many image files, cached on disk in shards: what was encoded once is not encoded again, and a run
 * that is killed continues where it was.
 *
 * The weights' hash, the configuration, the preprocessing, the backend and the list of images, with ids and paths, name
 * a cache's folder; each shard records size and date of its files, and which part of each is read. What does not fit is
 * refused, never used.
 */
import { resolve } from "node:path";
import { backendName } from "../../backend/backend_name.ts";
import * as tf from "../../tensors/tf.ts";
import { writeAtomically } from "../../io/atomic_write.ts";
import { jsonHash } from "../../io/hash.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { readIfThere, readTextIfThere } from "../../io/read_file.ts";
import { readSafetensors, writeSafetensors } from "../../io/safetensors.ts";
import type { Clip } from "../files/model_folder.ts";
import { encodePixelsPacked } from "../packed/packed_image_encoder.ts";
import { type ImageFile, readImages } from "./image_files.ts";

/** Images a shard, and images encoded at once; both are part of what a feature depends on to its last bit. */
const shardSize = 512, batchSize = 64;

/** Features of image files, with the key of the cache that they are in. */
export interface EncodedImageFiles {
  /** `[N, P]` in the order of the files, not normalised; the caller's to dispose. */
  features: tf.Tensor2D;
  /** Name of these features' folder in the cache, 16 hexadecimal digits. */
  key: string;
  /** Images that were encoded now; the others were in the cache. */
  encoded: number;
}

/** Options of {@linkcode encodeImageFiles}. */
export interface EncodeImageFilesOptions {
  /** The folder of cached features; those of one CLIP and one list of images have a folder of their own in it. */
  cache: Path;
  /** Called after each batch that is encoded, with the images so far, their total, and the rate in words. */
  onProgress?: OnProgress;
}

/** What {@linkcode encodeImageFiles} needs of a CLIP: its image tower, and what its features depend on. */
type ImageClip = Pick<Clip, "weights" | "config" | "hash" | "preprocessing">;

/**
 * Encodes image files, or reads their features from a cache on disk.
 *
 * @param clip a CLIP with its image tower loaded
 * @param files the images, each with its own id
 * @throws {Error} if there are no images, two have one id, one cannot be read, or the cache was made from other images
 *   or weights
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeImageFiles, imageFilesIn, loadClip } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeFile(`${folder}/dot.png`, Uint8Array.fromBase64(png));
 *
 * const clip = await loadClip(embeddedModelFolder(), { towers: "image" });
 * const files = await imageFilesIn(folder);
 * const { features, encoded } = await encodeImageFiles(clip, files, { cache: `${folder}/features` });
 * console.log(features.shape, encoded); // [1, 128] 1
 * ```
 */
export async function encodeImageFiles(
  clip: Pick<Clip, "weights" | "config" | "hash" | "preprocessing">,
  files: readonly ImageFile[],
  { cache, onProgress = () => {} }: EncodeImageFilesOptions,
): Promise<EncodedImageFiles> {
  if (files.length === 0) throw new Error("Encoding images failed: there are none.");
  checkIds(files);
  const N = files.length, P = clip.config.projectionWidth;
  const manifest = await manifestOf(clip, files);
  const key = (await jsonHash(manifest)).slice(0, 16), folder = inFolder(cache, key);
  const found = await readTextIfThere(inFolder(folder, "manifest.json"));
  if (found !== undefined && found !== manifest) {
    throw new Error(`Reading features failed: ${folder} was made from other images or weights; delete it.`);
  }
  if (found === undefined) await writeAtomically(inFolder(folder, "manifest.json"), manifest);

  const rows = new Float32Array(N * P);
  let encoded = 0;
  const started = performance.now();
  for (let first = 0; first < N; first += shardSize) {
    const shard = files.slice(first, first + shardSize);
    const path = inFolder(folder, `features-${String(first).padStart(6, "0")}.safetensors`);
    const state = await jsonHash(await Promise.all(shard.map(fileState)));
    const bytes = await readIfThere(path);
    if (bytes !== undefined) {
      const { arrays: { features }, metadata } = readSafetensors(bytes, path);
      if (metadata.key !== key || features?.shape.join() !== [shard.length, P].join()) {
        throw new Error(`Reading features failed: ${path} belongs to another cache; delete it.`);
      }
      if (metadata.files !== state) {
        throw new Error(
          `Reading features failed: an image of ${path} (images ${first + 1} to ${first + shard.length}) has ` +
            "changed since; delete the file, and its images are encoded again.",
        );
      }
      rows.set(features.values, first * P);
      continue;
    }
    const made = await encodeShard(clip, shard, (done) => {
      const rate = (encoded + done) / ((performance.now() - started) / 1000);
      onProgress(first + done, N, `${rate.toFixed(0)} images a second`);
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

/** @throws {Error} if two images have one id */
function checkIds(files: readonly ImageFile[]): void {
  const pathOf = new Map<string, string>();
  for (const { id, path } of files) {
    const first = pathOf.get(id);
    if (first !== undefined) {
      throw new Error(`Encoding images failed: ${first} and ${path} both have the id "${id}"; give each its own.`);
    }
    pathOf.set(id, path);
  }
}

/**
 * What the features depend on beside the files' contents, as the text of `manifest.json`. Its hash is the cache's key,
 * so the names and the order of its fields are a format on disk. (Version 0.1 left out configuration and backend: its
 * caches are not used.)
 */
async function manifestOf({ hash, config, preprocessing }: ImageClip, files: readonly ImageFile[]): Promise<string> {
  const { size, mean, standardDeviation, targetPad, centreHalf } = preprocessing;
  return JSON.stringify(
    {
      weights: hash,
      config: { vision: config.vision, projectionWidth: config.projectionWidth },
      preprocessing: { size, mean, standardDeviation, targetPad, centreHalf },
      backend: backendName(),
      images: files.length,
      ids: await jsonHash(files.map(({ id }) => id)),
      paths: await jsonHash(files.map(({ path }) => resolve(path))),
      shardSize,
      batchSize,
    },
    null,
    1,
  );
}

/** Encodes a shard and returns its features `[shard, P]`; the next batch is decoded while this one is computed. */
async function encodeShard(
  clip: ImageClip,
  shard: readonly ImageFile[],
  onDone: (done: number) => void,
): Promise<Float32Array> {
  const { weights, config } = clip;
  const S = config.vision.imageSize, P = config.projectionWidth;
  const out = new Float32Array(shard.length * P);
  const read = (from: number) => {
    const pixels = readImages(clip, shard.slice(from, from + batchSize));
    // An error is thrown when the batch is awaited; without this an early one would end the process as "unhandled".
    pixels.catch(() => {});
    return pixels;
  };
  let next = read(0);
  for (let from = 0; from < shard.length; from += batchSize) {
    const pixels = await next, count = Math.min(batchSize, shard.length - from);
    if (from + batchSize < shard.length) next = read(from + batchSize);
    const features = tf.tidy(() => encodePixelsPacked(weights, config.vision, tf.tensor4d(pixels, [count, S, S, 3])) // [B, P]
    );
    out.set(await features.data() as Float32Array, from * P);
    features.dispose();
    onDone(from + count);
  }
  return out;
}

/** What a feature depends on beside weights and preprocessing: the file, and the part of it that is read. */
async function fileState({ id, path, crop, dilation, outline, squash }: ImageFile): Promise<unknown[]> {
  try {
    const { size, mtime } = await Deno.stat(path);
    const state = [id, size, mtime?.getTime(), crop, dilation, outline];
    // Version 0.1 blackened what an outline does not cover: such features are another state. Whole images keep theirs.
    return outline || squash ? [...state, { squash: squash ?? false, outside: "white" }] : state;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Encoding images failed: there is no file ${path} (image "${id}").`);
  }
}
