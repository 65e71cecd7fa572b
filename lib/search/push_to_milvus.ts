/** Brings an index on disk into a collection in Milvus: what differs is written, what is gone is removed. */
import type { OnProgress } from "../io/on_progress.ts";
import type { Path } from "../io/path.ts";
import { readBucket, readHeader } from "./index_buckets.ts";
import { bucketsOfShard, type IndexShard } from "./index_shard.ts";
import { type MilvusImage, openMilvusCollection } from "./milvus_collection.ts";
import { normOf, unitOf } from "./query_terms.ts";

/** Buckets whose names and hashes are read from the server at once. */
const bucketsAtOnce = 8;

/** How {@linkcode pushToMilvus} works. */
export interface PushToMilvusOptions {
  /** Brings this share of the images alone (default: all). */
  shard?: IndexShard;
  /** Stops after the bucket in progress. */
  signal?: AbortSignal;
  /** Called after each of the index's 64 buckets, or of the share's. */
  onProgress?: OnProgress;
}

/** What {@linkcode pushToMilvus} did. */
export interface PushReport {
  /** Images of the index, of the share that was asked for. */
  images: number;
  /** Of them: written now. */
  written: number;
  /** Images that the collection had and the index has not. */
  removed: number;
}

/**
 * Makes a collection equal to an index, a bucket at a time, so memory holds a 64th of the features. The index on disk
 * stays: whatever happens to the server, nothing is encoded twice, and the next call writes what is missing.
 *
 * @param index folder of the index
 * @param address such as `milvus://localhost:19530/photos`; the collection is made if it is missing
 * @throws {Error} if there is no index, the server does not answer, or the collection was made with another CLIP
 */
export async function pushToMilvus(
  index: Path,
  address: string,
  { shard = { index: 1, of: 1 }, signal, onProgress = () => {} }: PushToMilvusOptions = {},
): Promise<PushReport> {
  const own = bucketsOfShard(shard, "Writing to Milvus"), header = await readHeader(index);
  await using collection = await openMilvusCollection(address, { create: header });
  const { clip, weights } = collection.header;
  if (clip !== header.clip) {
    throw new Error(
      `Writing to Milvus failed: ${address} was made with another CLIP or preprocessing (weights ${
        weights.slice(0, 16)
      }..., the index has ${header.weights.slice(0, 16)}...); choose another collection.`,
    );
  }
  const report: PushReport = { images: 0, written: 0, removed: 0 }, P = header.width;
  let had = new Map<number, Map<string, string>>();
  for (const [at, bucket] of own.entries()) {
    signal?.throwIfAborted();
    // A query costs a server much the same for one bucket or for several.
    if (!had.has(bucket)) had = await collection.hashes(own.slice(at, at + bucketsAtOnce));
    const { files, features } = await readBucket(index, bucket, header), left = had.get(bucket)!;
    const written: MilvusImage[] = [];
    files.forEach(({ id, hash }, row) => {
      const same = left.get(id) === hash;
      left.delete(id);
      if (same) return;
      const feature = features.subarray(row * P, (row + 1) * P);
      written.push({ id, hash, unit: unitOf(feature), norm: normOf(feature) });
    });
    await collection.write(bucket, written);
    await collection.remove([...left.keys()]);
    report.images += files.length;
    report.written += written.length;
    report.removed += left.size;
    onProgress(at + 1, own.length, "writing to Milvus");
  }
  // Where nothing was written too: the run that wrote it may have been killed before this.
  await collection.seal();
  return report;
}
