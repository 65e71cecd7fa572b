/**
 * Ranks a gallery by cosine similarity; every figure of the toolkit is computed from this ranking.
 *
 * Letters: Q queries, N gallery entries, P width of the embedding.
 */
import type { OnProgress } from "../io/on_progress.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import * as tf from "../tensors/tf.ts";

/** The relevance of gallery entries to one query. Numbers are indices into the gallery. */
export interface Relevance {
  /** Entries that are correct. */
  correct: readonly number[];
  /** Entries that are removed from the gallery first, such as the reference image. */
  excluded: readonly number[];
  /** Entries that are also ranked among each other alone, such as CIRR's subset. */
  group?: readonly number[];
}

/** Result of ranking the gallery for one query. Entries of equal score are in gallery order. */
export interface Ranking {
  /** Rank of each correct entry, in the order of `correct`, counted from 1; infinite for an excluded entry. */
  ranks: number[];
  /** Indices of the best entries, best first. */
  top: number[];
  /** Indices of the group's entries, best first; entries of equal score are in the group's order. */
  group?: number[];
  /** Best rank of a correct entry within the group, counted from 1; infinite if the group has none. */
  groupRank?: number;
}

/** Options of {@linkcode rankGallery}. */
export interface RankGalleryOptions {
  /** `[Q, P]`, of any norm. */
  queries: tf.Tensor2D;
  /** `[N, P]`, of any norm. */
  gallery: tf.Tensor2D;
  /**
   * `[Q, P]`, of any norm: a second feature of each query, whose similarity multiplies that of the first. A negative
   * similarity counts as 0, so that two of them do not make a positive product.
   */
  factors?: tf.Tensor2D;
  /** What is relevant to each query; absent: nothing is correct and nothing is excluded. */
  relevance?: readonly Relevance[];
  /** Number of best entries to return; 10 by default. */
  top?: number;
  /** Called after each block of queries. */
  onProgress?: OnProgress;
}

/**
 * Ranks the gallery for every query by cosine similarity, in 32-bit floats.
 *
 * Scores are computed in blocks of 16 MB, so memory does not grow with the number of queries.
 *
 * @throws {Error} if `relevance` is not one for each query or names an entry that the gallery does not have, the widths
 *   differ, or a feature is NaN, infinite, or too large for its norm to be a 32-bit float
 * @example
 * ```ts
 * import { rankGallery, recallAt, tf, useDevice } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const gallery = tf.tensor2d([[1, 0], [0.8, 0.6], [0, 1]]);
 * const queries = tf.tensor2d([[1, 0]]);
 * // Entry 0 is the reference image and is excluded; entry 2 is the target.
 * const [{ ranks, top }] = await rankGallery({ queries, gallery, relevance: [{ correct: [2], excluded: [0] }] });
 * assertEquals([ranks, top, recallAt(ranks, 1)], [[2], [1, 2], 0]);
 * ```
 */
export async function rankGallery(
  { queries, gallery, factors, relevance, top = 10, onProgress = () => {} }: RankGalleryOptions,
): Promise<Ranking[]> {
  const [Q, P] = queries.shape, N = gallery.shape[0];
  if (relevance && Q !== relevance.length) {
    throw new Error(`Ranking failed: there are ${Q} queries and relevance for ${relevance.length}; give one for each.`);
  }
  if (P !== gallery.shape[1]) {
    throw new Error(
      `Ranking failed: queries is [${queries.shape}] and gallery [${gallery.shape}], expected equal widths.`,
    );
  }
  if (factors && factors.shape.join() !== queries.shape.join()) {
    throw new Error(`Ranking failed: queries is [${queries.shape}] and factors [${factors.shape}]; give one for each.`);
  }
  relevance?.forEach((one, i) => checkRelevance(one, N, i));
  await checkNorms("query", queries);
  await checkNorms("gallery entry", gallery);
  if (factors) await checkNorms("factor", factors);
  const rankings: Ranking[] = [];
  const [unitQueries, unitGallery] = tf.tidy(() => [normaliseRows(queries), normaliseRows(gallery)]); // [Q, P], [N, P]
  const unitFactors = factors && tf.tidy(() => normaliseRows(factors)); // [Q, P]
  try {
    // A block of queries at a time: scores of all queries would not fit for the large benchmarks.
    const block = Math.max(1, Math.floor(2 ** 22 / N));
    for (let from = 0; from < Q; from += block) {
      const count = Math.min(block, Q - from);
      const product = tf.tidy(() => {
        const similarities = (rows: tf.Tensor) =>
          tf.matMul(tf.slice(rows, [from, 0], [count, -1]), unitGallery, false, true); // [block, N]
        const scores = similarities(unitQueries); // [block, N]
        return unitFactors ? tf.mul(tf.relu(scores), tf.relu(similarities(unitFactors))) : scores;
      });
      const scores = await product.data() as Float32Array;
      product.dispose();
      for (let i = 0; i < count; i++) {
        const row = scores.subarray(i * N, (i + 1) * N);
        const relevant = relevance?.[from + i] ?? { correct: [], excluded: [] };
        rankings.push(rankOne(row, relevant, top));
      }
      onProgress(from + count, Q);
    }
  } finally {
    tf.dispose([unitQueries, unitGallery, ...(unitFactors ? [unitFactors] : [])]);
  }
  return rankings;
}

/**
 * Checks that what is relevant to a query is in the gallery of N entries; a rank among them would mean nothing else.
 */
function checkRelevance({ correct, excluded, group = [] }: Relevance, N: number, query: number): void {
  for (const [name, entries] of Object.entries({ correct, excluded, group })) {
    const wrong = entries.find((entry) => !(Number.isInteger(entry) && entry >= 0 && entry < N));
    if (wrong !== undefined) {
      throw new Error(
        `Ranking failed: "${name}" of query ${query} names the entry ${wrong} of a gallery of ${N}; give whole numbers ` +
          `from 0 to ${N - 1}.`,
      );
    }
  }
}

/** Refuses a row without a finite norm, and so every one that holds NaN: its similarities would be NaN, or all zero. */
async function checkNorms(what: string, rows: tf.Tensor2D): Promise<void> {
  const squares = tf.tidy(() => tf.sum(tf.square(rows), 1)); // [B]
  const bad = (await squares.data() as Float32Array).findIndex((square) => !Number.isFinite(square));
  squares.dispose();
  if (bad < 0) return;
  throw new Error(
    `Ranking failed: the features of ${what} ${bad} are NaN, infinite, or too large for their norm to be a 32-bit float; ` +
      "check the weights of CLIP, phi and text encoder.",
  );
}

/** Ranks one row of scores, which is overwritten where entries are excluded. */
function rankOne(scores: Float32Array, { correct, excluded, group }: Relevance, most: number): Ranking {
  for (const entry of excluded) scores[entry] = -Infinity;
  const ranks = correct.map((wanted) => {
    if (scores[wanted] === -Infinity) return Infinity;
    let rank = 1;
    for (let entry = 0; entry < scores.length; entry++) if (precedes(scores, entry, wanted)) rank++;
    return rank;
  });
  const top: number[] = [];
  for (let entry = 0; entry < scores.length && most > 0; entry++) {
    if (scores[entry] === -Infinity) continue;
    if (top.length === most && !precedes(scores, entry, top[most - 1])) continue;
    let at = top.length;
    while (at > 0 && precedes(scores, entry, top[at - 1])) at--;
    top.splice(at, 0, entry);
    if (top.length > most) top.pop();
  }
  if (!group) return { ranks, top };
  // Sorting is stable, so equal scores keep the group's order.
  const ordered = group.filter((entry) => scores[entry] !== -Infinity).sort((a, b) => scores[b] - scores[a]);
  const first = ordered.findIndex((entry) => correct.includes(entry));
  return { ranks, top, group: ordered, groupRank: first < 0 ? Infinity : first + 1 };
}

function precedes(scores: Float32Array, a: number, b: number): boolean {
  return scores[a] > scores[b] || (scores[a] === scores[b] && a < b);
}
