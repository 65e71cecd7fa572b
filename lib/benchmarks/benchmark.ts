/**
 * A benchmark of composed retrieval as typed rows: what is asked, with which images, and what answers it.
 *
 * A benchmark may have several parts (FashionIQ's categories, GeneCIS' tasks), each with a gallery and figures of its own.
 */

import type { Box } from "../clip/images/preprocess.ts";

/** Where an image is. */
export interface BenchmarkImage {
  /** Path within the root folder; the first of these that exists. */
  paths: readonly string[];
  /** The part that is shown; absent: all of it. */
  crop?: Box;
  /** Polygons in pixels of the whole image; what is outside is black. */
  outline?: readonly (readonly number[])[];
}

/** One query. Images are named by their ids. */
export interface ComposedQuery {
  id: string;
  reference: string;
  /** What shall change; several wordings are encoded apart and their features averaged (FashionIQ). */
  texts: readonly string[];
  /** Correct answers, the annotated target first; none where the split keeps them secret. */
  targets: readonly string[];
  /** Images taken out of the gallery for this query, such as the reference. */
  excluded: readonly string[];
  /** CIRR: the other members of the reference's group. GeneCIS: the query's own gallery, target included. */
  group?: readonly string[];
  /** CIRCO's semantic aspects. */
  aspects?: readonly string[];
}

/** One part. */
export interface BenchmarkPart {
  /** Name of the benchmark: one of {@linkcode benchmarkNames}, or of another world such as the embedded one. */
  benchmark: string;
  /** Name of the split. */
  split: string;
  /** Such as "dress"; the benchmark's name where it has one part. */
  part: string;
  /** Ids of the images that are ranked, in the benchmark's order, which breaks ties. */
  gallery: readonly string[];
  /** All images, references outside the gallery included. */
  images: ReadonlyMap<string, BenchmarkImage>;
  queries: readonly ComposedQuery[];
  /** Each query ranks its own group and nothing else (GeneCIS). */
  ownGalleries?: true;
}

/** The benchmarks that can be read. */
export const benchmarkNames = ["cirr", "circo", "fashioniq", "genecis", "coco"] as const;
/** One of {@linkcode benchmarkNames}. */
export type BenchmarkName = typeof benchmarkNames[number];

/** Whether counts must be the published ones. A subset or a made benchmark is read "as-found", and says so in results. */
export type Counts = "published" | "as-found";

/** Compares counts with the published ones. @throws {Error} naming the first that differs */
export function checkCounts(
  what: string,
  counts: Counts,
  found: Record<string, number>,
  published: Record<string, number>,
): void {
  if (counts === "as-found") return;
  for (const [name, expected] of Object.entries(published)) {
    if (found[name] !== expected) {
      throw new Error(
        `Reading ${what} failed: it has ${found[name]} ${name}, published are ${expected}; ` +
          "is it another version, or a part?",
      );
    }
  }
}

/**
 * Checks what every benchmark promises: ids that are unique, and queries that speak of known images only.
 * @throws {Error} naming the first id that is off
 */
export function checkPart(part: BenchmarkPart): BenchmarkPart {
  const what = `${part.benchmark} ${part.split}${part.part === part.benchmark ? "" : ` (${part.part})`}`;
  const twice = firstTwice(part.gallery);
  if (twice !== undefined) throw new Error(`Reading ${what} failed: the image "${twice}" is in the gallery twice.`);
  const again = firstTwice(part.queries.map(({ id }) => id));
  if (again !== undefined) throw new Error(`Reading ${what} failed: the query id ${again} is given twice.`);
  const gallery = new Set(part.gallery);
  for (const { id, reference, targets, group } of part.queries) {
    if (!part.images.has(reference)) {
      throw new Error(`Reading ${what} failed: the reference "${reference}" of query ${id} is not in the split.`);
    }
    const outside = [...targets, ...group ?? []].find((image) => !gallery.has(image));
    if (outside !== undefined) {
      throw new Error(`Reading ${what} failed: "${outside}", asked for by query ${id}, is not in the split.`);
    }
  }
  return part;
}

function firstTwice(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}
