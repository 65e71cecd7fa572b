/** Ranks the gallery of a part for its queries. Metrics, submissions and comparisons are computed from the results. */
import type { BenchmarkPart, ComposedQuery } from "../benchmarks/benchmark.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import { rankQueriesByTarget } from "./query_ranks.ts";
import { rankGallery, type Ranking } from "./ranking.ts";

/** A matrix with one row for each of some images, found by their ids. */
export interface FeatureRows {
  /** `[N, P]` features, of any norm, or `[N, D]` pseudo-tokens. */
  rows: tf.Tensor2D;
  /** Index of the row of each id. */
  index: ReadonlyMap<string, number>;
}

/** Result of ranking the gallery for one query. */
export interface RankingResult {
  /** Name of the part. */
  part: string;
  /** Id of the query. */
  query: string;
  /** i-CIR: name of the gallery that was ranked, the query's instance. */
  gallery?: string;
  /** Rank of each target in the gallery, counted from 1; null where the target is missing or the query was skipped. */
  ranks: (number | null)[];
  /** Ids of the 50 best images, best first; empty where only the query's own gallery is ranked (GeneCIS). */
  top: string[];
  /** Ids of the query's group, best first: CIRR's subset, GeneCIS' gallery. */
  group?: string[];
  /** Best rank of a target within the group, counted from 1; null if the group has none. */
  groupRank?: number | null;
  /**
   * COCO: rank of the query among all queries that were encoded, by their similarity to its target, counted from 1; null
   * where the target is missing or the query was skipped.
   */
  queryRank?: number | null;
  /**
   * Why the query was skipped: its reference is missing; or its target, whose caption is the text of "oracle"; or else it
   * was left out of `indices`. Absent if it was not skipped.
   */
  skipped?: string;
}

/** Number of best images that a result keeps, as the evaluation servers expect. */
export const keptResults = 50;

/** Options of {@linkcode rankPart}. */
export interface RankPartOptions {
  /** The part. */
  part: BenchmarkPart;
  /** Indices, in `part.queries`, of the queries that have a row in `queries`; the others are reported as skipped. */
  indices: readonly number[];
  /** `[A, P]`, one row for each of `indices`. */
  queries: tf.Tensor2D;
  /** `[A, P]`: second features of the queries, whose similarities multiply those of the first. */
  factors?: tf.Tensor2D;
  /** Features of the gallery, by id; an image without a row is left out of the gallery. */
  features: FeatureRows;
  /** Called after each block of queries. */
  onProgress?: OnProgress;
}

/**
 * Ranks a part's gallery, or where it has several the one of each query, and returns one result for each query of the
 * part, in their order.
 */
export async function rankPart(options: RankPartOptions): Promise<RankingResult[]> {
  return options.part.galleries ? await rankGalleries(options, options.part.galleries) : await rankOneGallery(options);
}

/** Ranks each gallery of a part for its own queries, as a part of its own. */
async function rankGalleries(
  { part, indices, queries, factors, features, onProgress = () => {} }: RankPartOptions,
  galleries: ReadonlyMap<string, readonly string[]>,
): Promise<RankingResult[]> {
  const { galleries: _, ...common } = part, rowOf = new Map(indices.map((at, row) => [at, row]));
  const results: RankingResult[] = Array(part.queries.length);
  let ranked = 0;
  for (const [name, own] of Map.groupBy(part.queries.keys(), (at) => part.queries[at].gallery)) {
    const gallery = galleries.get(name ?? "") ?? [];
    const one = { ...common, gallery, queries: own.map((at) => part.queries[at]) };
    const encoded = [...own.keys()].filter((i) => rowOf.has(own[i]));
    let found: RankingResult[];
    if (encoded.length === 0 || !gallery.some((id) => features.index.has(id))) {
      found = one.queries.map((query) => skippedResult(one, query, features));
    } else {
      const rows = encoded.map((i) => rowOf.get(own[i])!);
      const chosen = rowsAt(queries, rows), chosenFactors = factors && rowsAt(factors, rows); // [B, P], [B, P]
      found = await rankOneGallery({ part: one, indices: encoded, queries: chosen, factors: chosenFactors, features })
        .finally(() => tf.dispose([chosen, ...(chosenFactors ? [chosenFactors] : [])]));
    }
    own.forEach((at, i) => results[at] = { ...found[i], gallery: name });
    onProgress(ranked += own.length, part.queries.length);
  }
  return results;
}

async function rankOneGallery(
  { part, indices, queries, factors, features, onProgress }: RankPartOptions,
): Promise<RankingResult[]> {
  const gallery = part.gallery.filter((id) => features.index.has(id));
  const index = new Map(gallery.map((id, i) => [id, i]));
  const indicesOf = (ids: readonly string[]) => ids.map((id) => index.get(id)).filter((at) => at !== undefined);
  const relevance = indices.map((at) => {
    const { targets, excluded, group } = part.queries[at];
    return {
      correct: indicesOf(targets),
      excluded: indicesOf(excluded),
      ...(group ? { group: indicesOf(group) } : {}),
    };
  });
  const rows = rowsAt(features.rows, gallery.map((id) => features.index.get(id)!)); // [N, P]
  const top = part.ownGalleries ? 0 : keptResults;
  /** The rank of each query for its target, by the query's index; none where the target is missing. */
  const ranksByQuery = async (gallery: tf.Tensor2D, targets: readonly (number | undefined)[]) => {
    const owners = [...targets.keys()].filter((at) => targets[at] !== undefined);
    const images = rowsAt(gallery, owners.map((at) => targets[at]!)); // [M, P]
    const ranks = await rankQueriesByTarget({ targets: images, owners, queries, factors })
      .finally(() => images.dispose());
    return new Map(owners.map((at, i) => [at, ranks[i]]));
  };
  let rankings: Ranking[], queryRanks: ReadonlyMap<number, number>;
  try {
    rankings = await rankGallery({ queries, factors, gallery: rows, relevance, top, onProgress });
    queryRanks = part.bothDirections ? await ranksByQuery(rows, relevance.map(({ correct }) => correct[0])) : new Map();
  } finally {
    rows.dispose();
  }
  const results = part.queries.map((query) => skippedResult(part, query, features));
  indices.forEach((at, i) => {
    const { ranks, top, group, groupRank } = rankings[i], left = [...ranks], result = results[at];
    const { targets } = part.queries[at];
    result.ranks = targets.map((id) => index.has(id) ? finite(left.shift()!) : null);
    result.top = top.map((entry) => gallery[entry]);
    if (part.bothDirections) result.queryRank = queryRanks.get(i) ?? null;
    if (group && groupRank) {
      result.group = group.map((entry) => gallery[entry]);
      result.groupRank = finite(groupRank);
      if (part.ownGalleries) result.ranks = [result.groupRank];
    }
    delete result.skipped;
  });
  return results;
}

function skippedResult(part: BenchmarkPart, query: ComposedQuery, features: FeatureRows): RankingResult {
  return {
    part: part.part,
    query: query.id,
    ranks: query.targets.map(() => null),
    top: [],
    ...(part.bothDirections ? { queryRank: null } : {}),
    skipped: whySkipped(query, features),
  };
}

/** Returns why a query that was not encoded was left out, as far as the features tell. */
function whySkipped({ reference, targets }: ComposedQuery, { index }: FeatureRows): string {
  if (!index.has(reference)) return "its reference is missing";
  return targets.length > 0 && !index.has(targets[0]) ? "its target is missing" : "it was left out";
}

function finite(rank: number): number | null {
  return Number.isFinite(rank) ? rank : null;
}

/** Returns the rank of a query's best-ranked correct image, counted from 1; infinite if none is ranked. */
export function bestRank({ ranks }: RankingResult): number {
  return Math.min(...ranks.map((rank) => rank ?? Infinity));
}
