/** Opens an index on disk for searching. */
import { filePath, type Path } from "../io/path.ts";
import * as tf from "../tensors/tf.ts";
import { bucketCount, checkIndexedClip, type IndexedClip, readBucket, readHeader } from "./index_buckets.ts";
import { type ImageIndex, imageIndex } from "./image_index.ts";

/** What an index on disk is opened with. */
export interface OpenIndexOptions {
  /** The CLIP of the index. */
  clip: IndexedClip;
  /** Where the images are now (default: where they were when they were indexed). */
  folder?: Path;
}

/**
 * Reads an index that {@linkcode indexImages} made, with the features of all images, sorted by id.
 *
 * @returns the index; the caller disposes it
 * @throws {Error} if there is none, it is empty or damaged, or it was made with another CLIP
 */
export async function openImageIndex(path: Path, { clip, folder }: OpenIndexOptions): Promise<ImageIndex> {
  const header = await readHeader(path), { width } = header;
  await checkIndexedClip(filePath(path), header, clip);
  const images: { id: string; row: Float32Array }[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const { files, features } = await readBucket(path, bucket, header);
    files.forEach(({ id }, i) => images.push({ id, row: features.subarray(i * width, (i + 1) * width) }));
  }
  if (images.length === 0) {
    throw new Error(`Reading the index ${filePath(path)} failed: it has no images yet; "deno task index" adds them.`);
  }
  images.sort((a, b) => a.id < b.id ? -1 : 1);
  const rows = new Float32Array(images.length * width); // [N, P]
  images.forEach(({ row }, i) => rows.set(row, i * width));
  const features = tf.tensor2d(rows, [images.length, width]);
  try {
    return imageIndex(images.map(({ id }) => id), features, folder === undefined ? header.folder : filePath(folder));
  } finally {
    features.dispose();
  }
}
