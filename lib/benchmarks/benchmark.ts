/**
 * The types of a composed-retrieval benchmark: queries, images, galleries and targets.
 *
 * A benchmark may have several parts (FashionIQ's categories, GeneCIS' tasks), each with a gallery and figures of its
 * own. i-CIR has one part of many galleries, since its figures are over all of them.
 */

import type { Outline } from "../clip/images/outline.ts";
import type { Box } from "../clip/images/region.ts";
import { shown } from "../io/shown.ts";

/** Where the file of an image is, and which part of it is the image. */
export interface BenchmarkImage {
  /** Paths within the root folder, of which the first that exists is read. */
  paths: readonly string[];
  /** The box that is cut out of the file, in whole pixels unless it is dilated; absent: the whole file. */
  crop?: Box;
  /** GeneCIS' attribute tasks: how much of the box's surroundings is read with it; see `ImageSource`. */
  dilation?: number;
  /** COCO: the outline of an object of the whole file; pixels that it does not cover become white. */
  outline?: Outline;
  /** COCO: both sides are resized to the size that the model reads; see `ImageSource`. */
  squash?: boolean;
}

/** One query. Images are named by their ids. */
export interface ComposedQuery {
  /** Id of the query, unique within its part. */
  id: string;
  /** Id of the reference image. */
  reference: string;
  /** Conditioning texts; several wordings are encoded separately and their features averaged (FashionIQ). */
  texts: readonly string[];
  /** Ids of the correct images, the annotated target first; empty where the split's targets are not public. */
  targets: readonly string[];
  /** Ids of images that are removed from the gallery for this query, such as the reference. */
  excluded: readonly string[];
  /** CIRR: the other members of the reference's group. GeneCIS: the query's own gallery, target included. */
  group?: readonly string[];
  /** i-CIR: name of the gallery that is ranked, one of the part's `galleries`: the query's instance. */
  gallery?: string;
  /** CIRCO's semantic aspects. */
  aspects?: readonly string[];
}

/** A part of a benchmark: queries whose figures are taken together, over one gallery unless it says otherwise. */
export interface BenchmarkPart {
  /** Name of the benchmark: one of {@linkcode benchmarkNames}, or that of another benchmark, such as "emoji". */
  benchmark: string;
  /** Name of the split. */
  split: string;
  /** Name of the part, such as "dress"; the name of the benchmark where it has one part. */
  part: string;
  /** Ids of the images that are ranked, in the benchmark's order, which breaks ties. */
  gallery: readonly string[];
  /** All images by id, including references outside the gallery. */
  images: ReadonlyMap<string, BenchmarkImage>;
  /** The queries, in the benchmark's order. */
  queries: readonly ComposedQuery[];
  /** Galleries by name, where each query ranks one of them (i-CIR's instances); `gallery` is then what all of them hold. */
  galleries?: ReadonlyMap<string, readonly string[]>;
  /** Set where each query ranks its own group only (GeneCIS). */
  ownGalleries?: true;
  /** Set where each target is ranked against all queries too (COCO): figures "image to query". */
  bothDirections?: true;
}

/** Names of the benchmarks that `openBenchmark` reads. */
export const benchmarkNames = ["cirr", "circo", "fashioniq", "genecis", "coco", "icir"] as const;
/** One of {@linkcode benchmarkNames}. */
export type BenchmarkName = typeof benchmarkNames[number];

/**
 * How counts of queries and images are checked: they must be the published ones, or, for a subset or a synthetic
 * benchmark, they are taken "as-found", which results state.
 */
export type Counts = "published" | "as-found";

/**
 * Compares counts with the published ones, unless `counts` is "as-found".
 * @throws {Error} naming the first that differs
 */
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
          'is it another version? A part of it is read with counts "as-found".',
      );
    }
  }
}

/**
 * Checks a part and returns it: ids are unique, queries name known images once, no target is its own reference, and no
 * path leaves the benchmark's folder.
 *
 * @throws {Error} naming the first id that is wrong
 */
export function checkPart(part: BenchmarkPart): BenchmarkPart {
  const what = `${part.benchmark} ${part.split}${part.part === part.benchmark ? "" : ` (${part.part})`}`;
  const twice = firstTwice(part.gallery);
  if (twice !== undefined) {
    throw new Error(`Reading ${what} failed: the image ${shown(twice)} is in the gallery twice.`);
  }
  const again = firstTwice(part.queries.map(({ id }) => id));
  if (again !== undefined) throw new Error(`Reading ${what} failed: the query id ${again} is given twice.`);
  const gallery = new Set(part.gallery);
  for (const [id, { paths }] of part.images) {
    const path = paths.find((path) => path.startsWith("/") || /(^|[/\\])\.\.([/\\]|$)/.test(path));
    if (path !== undefined) {
      throw new Error(
        `Reading ${what} failed: the path ${shown(path)} of the image ${shown(id)} leaves the benchmark's folder.`,
      );
    }
  }
  for (const [name, ids] of part.galleries ?? []) {
    const repeated = firstTwice(ids), outside = ids.find((image) => !gallery.has(image));
    if (repeated !== undefined || outside !== undefined) {
      throw new Error(
        `Reading ${what} failed: the image ${shown(repeated ?? outside)} of the gallery ${shown(name)} is ` +
          `${repeated !== undefined ? "named twice" : "not in the split"}.`,
      );
    }
  }
  const galleries = new Map([...part.galleries ?? []].map(([name, ids]) => [name, new Set(ids)]));
  for (const { id, reference, targets, group, excluded, gallery: name } of part.queries) {
    const repeated = firstTwice(targets) ?? firstTwice(group ?? []);
    if (repeated !== undefined) {
      throw new Error(`Reading ${what} failed: the image ${shown(repeated)} is named twice in query ${id}.`);
    }
    const wrong = targets.find((target) => target === reference || excluded.includes(target));
    if (wrong !== undefined) {
      throw new Error(
        `Reading ${what} failed: the target ${shown(wrong)} of query ${id} is its own reference, or excluded.`,
      );
    }
    if (!part.images.has(reference)) {
      throw new Error(`Reading ${what} failed: the reference ${shown(reference)} of query ${id} is not in the split.`);
    }
    const ranked = part.galleries ? galleries.get(name ?? "") : gallery;
    if (!ranked) {
      throw new Error(`Reading ${what} failed: query ${id} ranks the gallery ${shown(name)}, which is none.`);
    }
    const outside = [...targets, ...group ?? []].find((image) => !ranked.has(image));
    if (outside !== undefined) {
      throw new Error(`Reading ${what} failed: the image ${shown(outside)} of query ${id} is not in the split.`);
    }
  }
  return part;
}

function firstTwice(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}
