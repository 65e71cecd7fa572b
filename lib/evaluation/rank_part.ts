/** Ranking results of a benchmark's queries, by id: what metrics, submissions and comparisons are made from. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { OnProgress } from "../io/on_progress.ts";
import * as tf from "../tensors/tf.ts";
import { rankGallery } from "./ranking.ts";

/** Rows of a matrix by the id of an image. */
export interface FeatureRows {
  /** `[N, P]` features, of any norm, or `[N, D]` pseudo-tokens. */
  rows: tf.Tensor2D;
  /** Index of each id's row. */
  index: ReadonlyMap<string, number>;
}

/** How the gallery was ranked for one query. */
export interface RankingResult {
  /** Name of the part. */
  part: string;
  /** Id of the query. */
  query: string;
  /** Rank of each target in the gallery, counted from 1; null where the target is missing or the query was skipped. */
  ranks: (number | null)[];
  /** Ids of the best images, best first; empty where only the query's own gallery is ranked. */
  top: string[];
  /** Ids of the query's group, best first: CIRR's subset, GeneCIS' gallery. */
  group?: string[];
  /** Best rank of a target in the group; null if it has none. */
  groupRank?: number | null;
  /** Why the query was skipped; absent if it was not. */
  skipped?: string;
}

/** Images kept of each ranking: what the evaluation servers take. */
export const keptResults = 50;

/** What {@linkcode rankPart} needs. */
export interface RankPartOptions {
  /** The part. */
  part: BenchmarkPart;
  /** Indices of the part's queries that `queries` has a row for; the others count as skipped. */
  answered: readonly number[];
  /** `[A, P]`, one row for each of `answered`. */
  queries: tf.Tensor2D;
  /** Features of the gallery; an image without a row is missing from it. */
  features: FeatureRows;
  /** Called after each block of queries. */
  onProgress?: OnProgress;
}

/** Ranks a part's gallery for its queries; one result for each query of the part, in its order. */
export async function rankPart(
  { part, answered, queries, features, onProgress }: RankPartOptions,
): Promise<RankingResult[]> {
  const gallery = part.gallery.filter((id) => features.index.has(id));
  const index = new Map(gallery.map((id, i) => [id, i]));
  const indicesOf = (ids: readonly string[]) => ids.map((id) => index.get(id)).filter((at) => at !== undefined);
  const relevance = answered.map((at) => {
    const { targets, excluded, group } = part.queries[at];
    return {
      correct: indicesOf(targets),
      excluded: indicesOf(excluded),
      ...(group ? { group: indicesOf(group) } : {}),
    };
  });
  const rows = tf.tidy(() => {
    const indices = gallery.map((id) => features.index.get(id)!);
    return tf.gather(features.rows, tf.tensor1d(indices, "int32")); // [N, P]
  });
  const top = part.ownGalleries ? 0 : keptResults;
  const rankings = await rankGallery({ queries, gallery: rows, relevance, top, onProgress });
  rows.dispose();
  const results = part.queries.map(({ id, targets }): RankingResult => ({
    part: part.part,
    query: id,
    ranks: targets.map(() => null),
    top: [],
    skipped: "its reference is missing",
  }));
  answered.forEach((at, i) => {
    const { ranks, top, group, groupRank } = rankings[i], left = [...ranks], result = results[at];
    const { targets } = part.queries[at];
    result.ranks = targets.map((id) => index.has(id) ? finite(left.shift()!) : null);
    result.top = top.map((entry) => gallery[entry]);
    if (group && groupRank) {
      result.group = group.map((entry) => gallery[entry]);
      result.groupRank = finite(groupRank);
      if (part.ownGalleries) result.ranks = [result.groupRank];
    }
    delete result.skipped;
  });
  return results;
}

function finite(rank: number): number | null {
  return Number.isFinite(rank) ? rank : null;
}
