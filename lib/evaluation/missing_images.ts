/**
 * Missing images of a benchmark: counts, and the sentences with which an evaluation refuses or qualifies its figures.
 */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { ImageCheck } from "../benchmarks/image_check.ts";

/** Counts of missing images (captions in captions mode). */
export interface Missing {
  /** Number of missing images. */
  images: number;
  /** Number of those in the galleries. */
  gallery: number;
  /** Number of queries whose reference is missing; they count as missed. */
  references: number;
  /** Number of queries whose first target is missing; they count as missed. */
  targets: number;
}

/** Counts the missing images of a benchmark. @param has returns whether an image exists */
export function countMissing(parts: readonly BenchmarkPart[], has: (id: string) => boolean): Missing {
  const images = new Set(parts.flatMap(({ images }) => [...images.keys()]));
  const queries = parts.flatMap(({ queries }) => queries);
  const count = (ids: Iterable<string>) => [...ids].filter((id) => !has(id)).length;
  return {
    images: count(images),
    gallery: parts.reduce((sum, { gallery }) => sum + count(gallery), 0),
    references: queries.filter(({ reference }) => !has(reference)).length,
    targets: queries.filter(({ targets }) => targets.length > 0 && !has(targets[0])).length,
  };
}

/**
 * Returns the counts as a sentence that stamps a result, or undefined if nothing is missing.
 * @param what "images" or "captions"
 */
export function missingStamp({ images, gallery, references, targets }: Missing, what = "images"): string | undefined {
  if (images === 0) return undefined;
  return `INCOMPLETE: ${images} ${what} missing (${gallery} of the gallery; ${references} queries without reference, ` +
    `${targets} without target, counted as missed)`;
}

/**
 * Describes why an incomplete benchmark is refused, or returns undefined if it is complete.
 * @param benchmark its name and split
 * @param what "images" or "captions"
 */
export function missingFault({ missing, unreadable, found }: ImageCheck, benchmark: string, what = "images"):
  | string
  | undefined {
  const lacking = [...missing, ...unreadable.map(({ id }) => id)];
  if (lacking.length === 0) return undefined;
  const total = found.length + lacking.length;
  const named = `${lacking.slice(0, 5).join(", ")}${lacking.length > 5 ? ", ..." : ""}`;
  return `${lacking.length} of ${total} ${what} of ${benchmark} are missing or unreadable (${named}); a smaller ` +
    "gallery would raise the figures. Complete it (deno task data-check lists what is missing), or say " +
    "--allow-missing.";
}
