/** A share of an index, so that several machines can work on one. */
import { bucketCount } from "./index_buckets.ts";

/** A share of the images. */
export interface IndexShard {
  /** Which share, from 1. */
  index: number;
  /** Number of shares, 64 at most. */
  of: number;
}

/**
 * Returns the numbers of a share's buckets: every `of`-th of the index's.
 *
 * @param action what the caller is about to do, for the error message, such as "Indexing"
 * @throws {Error} if there is no such share
 */
export function bucketsOfShard({ index, of }: IndexShard, action: string): number[] {
  if (!(Number.isInteger(of) && of <= bucketCount && Number.isInteger(index) && index >= 1 && index <= of)) {
    throw new Error(
      `${action} failed: share ${index}/${of} is none; name one from 1/N to N/N, N at most ${bucketCount}.`,
    );
  }
  return Array.from({ length: bucketCount }, (_, bucket) => bucket).filter((bucket) => bucket % of === index - 1);
}
