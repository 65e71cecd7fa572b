/**
 * Makes and updates an index of a folder of images: what is new or has changed is encoded, what is gone is forgotten,
 * what cannot be read is skipped and told.
 *
 * Letters: B images of a batch, S side of the pixels that the image tower reads, P width of the embedding.
 */
import { basename, resolve } from "node:path";
import { type ImageFile, imageFilesIn } from "../clip/images/image_files.ts";
import { pixelBudget } from "../clip/images/pixel_budget.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { encodePixelsPacked } from "../clip/packed/packed_image_encoder.ts";
import { type FileLock, lockFile } from "../io/file_lock.ts";
import { removeLeftoverParts } from "../io/leftover_parts.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { isFile } from "../io/read_file.ts";
import { shownReason } from "../io/shown.ts";
import * as tf from "../tensors/tf.ts";
import {
  type Bucket,
  bucketOf,
  bucketPath,
  checkIndexedClip,
  type IndexedFile,
  type IndexHeader,
  indexHeader,
  readBucket,
  readHeader,
  writeBucket,
  writeHeader,
} from "./index_buckets.ts";
import { bucketsOfShard, type IndexShard } from "./index_shard.ts";
import { fileState, type ReadImage, readIndexedImage } from "./read_indexed_image.ts";

/** How {@linkcode indexImages} works. */
export interface IndexImagesOptions {
  /** The CLIP, with its image tower. */
  clip: Pick<Clip, "weights" | "config" | "hash" | "preprocessing">;
  /** The folder of the images, with its subfolders. */
  folder: Path;
  /** The folder of the index; made if it is missing. */
  out: Path;
  /** Takes this share of the images alone (default: all). */
  shard?: IndexShard;
  /** Stops after the batch in progress; what is encoded by then is kept. */
  signal?: AbortSignal;
  /** Called with the images that are encoded, the number to encode, and what is done. */
  onProgress?: OnProgress;
}

/** What {@linkcode indexImages} did. */
export interface IndexReport {
  /** Images in the index, of the share that was asked for. */
  images: number;
  /** Of them: encoded now. */
  encoded: number;
  /** Images that were in the index and are no longer in the folder. */
  forgotten: number;
  /** Images that are not in the index, with the reason. */
  skipped: { id: string; reason: string }[];
}

/** Images encoded at once, pixels that are decoded at once, and milliseconds after which what is there is written. */
const batchSize = 64, pixelsAtOnce = 2 ** 25, saveAfter = 30_000;

/** An image with its feature `[P]`, not normalised. */
interface IndexedImage {
  file: IndexedFile;
  row: Float32Array;
}

/** A bucket that has to be written. Its features are read when it is its turn, so that those of one are in memory. */
interface Task {
  bucket: number;
  /** Names of what is kept of it. */
  kept: Set<string>;
  /** What is to be read. */
  missing: ImageFile[];
  /** Whether it differs from its file already. */
  changed: boolean;
}

/**
 * Indexes a folder of images. A file of which size and date are known is not read; one of which only the date has changed
 * is read, and encoded if its content has changed. Killed at any moment it goes on where it was, but for the images of
 * the last half minute.
 *
 * @throws the signal's reason after it has stopped
 * @throws {Error} if there is no such folder or no image in it, the index was made with another CLIP or of another
 *   folder, its features are not finite, another process is writing it, or the disk refuses
 */
export async function indexImages(options: IndexImagesOptions): Promise<IndexReport> {
  const { clip, folder, out, shard = { index: 1, of: 1 }, signal, onProgress = () => {} } = options;
  const own = bucketsOfShard(shard, "Indexing");
  const { header, state } = await headerFor(options);
  const skipped: IndexReport["skipped"] = [],
    skip = (id: string, error: unknown) => void skipped.push({ id, reason: shownReason(error) });
  const files = await imageFilesIn(folder, { onUnreadable: skip });
  using locks = new DisposableStack();
  for (const bucket of own) locks.use(await lockBucket(out, bucket));
  const ownFiles = new Set(own.map((bucket) => basename(bucketPath(out, bucket))));
  if (shard.of === 1) ownFiles.add("index.json");
  await removeLeftoverParts(out, (file) => ownFiles.has(file));
  // Not before there are images: else a folder that was named by mistake would be the index's for good.
  if (state === "new") await writeHeader(out, header);
  const inBuckets = Map.groupBy(files, ({ id }) => bucketOf(id));
  const tasks: Task[] = [], report: IndexReport = { images: 0, encoded: 0, forgotten: 0, skipped };
  for (const [i, bucket] of own.entries()) {
    signal?.throwIfAborted();
    const task = await planBucket(out, bucket, header, inBuckets.get(bucket) ?? [], skip);
    report.images += task.kept.size;
    report.forgotten += task.forgotten;
    if (task.changed || task.missing.length > 0) tasks.push(task);
    onProgress(i + 1, own.length, "comparing with the index");
  }
  if (state === "moved") {
    if (report.images === 0 && report.forgotten > 0) {
      const index = filePath(out);
      throw new Error(
        `Indexing failed: none of the ${report.forgotten} images of ${index} is in ${header.folder}; give the folder ` +
          "that they are in now, or choose another folder for this index.",
      );
    }
    await writeHeader(out, header);
  }
  const total = tasks.reduce((sum, { missing }) => sum + missing.length, 0);
  let done = 0;
  for (const task of tasks) {
    const added = await fillBucket(task, { clip, out, header, signal, skip }, (count) => {
      done += count;
      onProgress(done, total, "encoding images");
    });
    report.images += added.images;
    report.encoded += added.encoded;
  }
  return report;
}

/** Returns the index's header, and whether it has to be written: for a new index, or one whose images were moved. */
async function headerFor(
  { clip, folder, out }: IndexImagesOptions,
): Promise<{ header: IndexHeader; state: "new" | "moved" | "known" }> {
  const own = await indexHeader(clip, resolve(filePath(folder)));
  if (!isFile(inFolder(out, "index.json"))) return { header: own, state: "new" };
  const found = await readHeader(out);
  await checkIndexedClip(filePath(out), found, clip);
  if (found.folder === own.folder) return { header: found, state: "known" };
  if (await Deno.stat(found.folder).then(() => true, () => false)) {
    throw new Error(
      `Indexing failed: ${
        filePath(out)
      } is an index of ${found.folder}, which is still there, and not of ${own.folder}; ` +
        "choose another folder for this index.",
    );
  }
  return { header: own, state: "moved" };
}

async function lockBucket(out: Path, bucket: number): Promise<FileLock> {
  return await lockFile(bucketPath(out, bucket), "Indexing");
}

/** Compares a bucket with the files that belong into it. */
async function planBucket(
  out: Path,
  bucket: number,
  header: IndexHeader,
  files: readonly ImageFile[],
  skip: (id: string, error: unknown) => void,
): Promise<Task & { forgotten: number }> {
  const { files: indexed } = await readBucket(out, bucket, header);
  const all = new Map(indexed.map((file) => [file.id, file])),
    kept: Task["kept"] = new Set(),
    missing: ImageFile[] = [];
  let changed = false;
  for (const image of files) {
    const found = all.get(image.id);
    try {
      const { size, changed: at } = await fileState(image.path);
      if (found?.size !== size || found.changed !== at) missing.push(image);
      // What has changed keeps its old feature for now, which serves if its content turns out to be the same.
      if (found) kept.add(image.id);
    } catch (error) {
      skip(image.id, error);
      changed ||= found !== undefined;
    }
  }
  const here = new Set(files.map(({ id }) => id)), forgotten = indexed.filter(({ id }) => !here.has(id)).length;
  return { bucket, kept, missing, forgotten, changed: changed || forgotten > 0 };
}

/** Encodes what a bucket misses, and writes it. @returns how many images came into it, and how many were encoded */
async function fillBucket(
  { bucket, kept, missing }: Task,
  { clip, out, header, signal, skip }: Pick<IndexImagesOptions, "clip" | "out" | "signal"> & {
    header: IndexHeader;
    skip: (id: string, error: unknown) => void;
  },
  onDone: (count: number) => void,
): Promise<{ images: number; encoded: number }> {
  const { preprocessing } = clip, budget = pixelBudget(pixelsAtOnce), P = header.width;
  const { files, features } = await readBucket(out, bucket, header), known = new Map<string, IndexedImage>();
  files.forEach((file, i) => {
    if (kept.has(file.id)) known.set(file.id, { file, row: features.subarray(i * P, (i + 1) * P) });
  });
  let saved = performance.now(), encoded = 0;
  const save = async () => {
    await writeBucket(out, bucket, together([...known.values()], header), header);
    saved = performance.now();
  };
  const read = async (from: number): Promise<(ReadImage | undefined)[]> =>
    await Promise.all(
      missing.slice(from, from + batchSize).map(async ({ id, path }) => {
        try {
          return await readIndexedImage({ id, path, known: known.get(id)?.file.hash }, { preprocessing, budget });
        } catch (error) {
          skip(id, error);
          known.delete(id);
        }
      }),
    );
  try {
    let next = read(0);
    for (let from = 0; from < missing.length; from += batchSize) {
      const images = await next;
      signal?.throwIfAborted();
      if (from + batchSize < missing.length) next = read(from + batchSize);
      const fresh = images.filter((image) => image?.pixels !== undefined) as Required<ReadImage>[];
      const rows = await encode(clip, fresh.map(({ pixels }) => pixels));
      const odd = fresh.find((_, i) => !rows[i].every(Number.isFinite))?.file.id;
      if (odd !== undefined) {
        throw new Error(
          `Indexing failed: the feature of ${odd} has numbers that are not finite; check the CLIP's weights.`,
        );
      }
      fresh.forEach(({ file }, i) => known.set(file.id, { file, row: rows[i] }));
      for (const image of images) {
        if (image && !image.pixels) known.get(image.file.id)!.file = image.file;
      }
      encoded += fresh.length;
      onDone(Math.min(batchSize, missing.length - from));
      if (performance.now() - saved > saveAfter) await save();
    }
  } finally {
    // What was not reached keeps the features of its old content, whose size and date tell the next run.
    await save();
  }
  return { images: known.size - kept.size, encoded };
}

/** Encodes images. @param pixels `[S, S, 3]` each @returns `[P]` each, not normalised */
async function encode(
  { weights, config }: IndexImagesOptions["clip"],
  pixels: readonly Float32Array[],
): Promise<Float32Array[]> {
  const B = pixels.length, S = config.vision.imageSize, P = config.projectionWidth;
  if (B === 0) return [];
  const all = new Float32Array(B * S * S * 3);
  pixels.forEach((one, i) => all.set(one, i * S * S * 3));
  const features = tf.tidy(() => encodePixelsPacked(weights, config.vision, tf.tensor4d(all, [B, S, S, 3]))); // [B, P]
  try {
    const rows = await features.data() as Float32Array;
    return pixels.map((_, i) => rows.slice(i * P, (i + 1) * P));
  } finally {
    features.dispose();
  }
}

/** Puts images together to a bucket, sorted by id. */
function together(images: IndexedImage[], { width: P }: IndexHeader): Bucket {
  images.sort((a, b) => a.file.id < b.file.id ? -1 : 1);
  const features = new Float32Array(images.length * P);
  images.forEach(({ row }, i) => features.set(row, i * P));
  return { files: images.map(({ file }) => file), features };
}
