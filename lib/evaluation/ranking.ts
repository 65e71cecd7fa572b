/**
 * Ranking a gallery by cosine similarity.
 *
 * Letters: Q queries, N gallery entries, P width of the embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";

/** What is asked of one query. Numbers are places in the gallery. */
export interface Question {
  /** Entries that answer the query; one suffices. */
  correct: readonly number[];
  /** Entries that are taken out of the gallery first, such as the reference picture. */
  exclude: readonly number[];
}

/** How a query was answered. */
export interface Ranked {
  /** Place of the first correct entry, counted from 1. Entries of equal score stand in gallery order. */
  rank: number;
  /** The best entries, best first. */
  top: number[];
}

/**
 * Ranks the gallery for every query.
 *
 * @param queries `[Q, P]`, of any length
 * @param gallery `[N, P]`, of any length
 * @param questions Q of them
 * @param topK how many of the best entries to keep
 * @throws {Error} if the numbers of queries and questions differ, or a question has no correct entry left.
 *
 * @example
 * ```ts
 * import { rankGallery, recallAt, useDevice } from "@rtd/toolkit";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const gallery = tf.tensor2d([[1, 0], [0.8, 0.6], [0, 1]]);
 * const queries = tf.tensor2d([[1, 0]]);
 * // Entry 0 is the reference picture and leaves the gallery; entry 2 is wanted.
 * const [{ rank, top }] = await rankGallery(queries, gallery, [{ correct: [2], exclude: [0] }]);
 * assertEquals([rank, top, recallAt([rank], 1)], [2, [1, 2], 0]);
 * ```
 */
export async function rankGallery(
  queries: tf.Tensor2D,
  gallery: tf.Tensor2D,
  questions: readonly Question[],
  topK = 10,
): Promise<Ranked[]> {
  const ranked = await rankAll(queries, gallery, questions, topK);
  return ranked.map(({ ranks, top }, query) => {
    const rank = Math.min(...ranks);
    if (rank === Infinity) {
      throw new Error(`Ranking query ${query} failed: the gallery holds none of its correct entries.`);
    }
    return { rank, top };
  });
}

/** How a query was answered, with the place of every correct entry. */
export interface RankedAll {
  /** In the order of `correct`, counted from 1; infinite for an entry that was excluded. */
  ranks: number[];
  /** The best entries, best first. */
  top: number[];
}

/**
 * As {@linkcode rankGallery}, with the rank of every correct entry; a question may have none.
 *
 * Memory: the normalised gallery and a block of scores, 16 MB, however many queries there are.
 */
export async function rankAll(
  queries: tf.Tensor2D,
  gallery: tf.Tensor2D,
  questions: readonly Question[],
  topK: number,
  onRanked: (done: number, total: number) => void = () => {},
): Promise<RankedAll[]> {
  const Q = queries.shape[0], N = gallery.shape[0];
  if (Q !== questions.length) {
    throw new Error(`Ranking failed: ${Q} queries were given and ${questions.length} questions; they go in pairs.`);
  }
  const ranked: RankedAll[] = [];
  const [unitQueries, unitGallery] = tf.tidy(() => [normaliseRows(queries), normaliseRows(gallery)]); // [Q, P], [N, P]
  // A block of queries at a time: scores of the whole would not fit for the large benchmarks.
  const block = Math.max(1, Math.floor(2 ** 22 / N));
  for (let from = 0; from < Q; from += block) {
    const count = Math.min(block, Q - from);
    const product = tf.tidy(() => tf.matMul(tf.slice(unitQueries, [from, 0], [count, -1]), unitGallery, false, true) // [block, N]
    );
    const scores = await product.data() as Float32Array;
    product.dispose();
    for (let i = 0; i < count; i++) {
      ranked.push(rankOne(scores.subarray(i * N, (i + 1) * N), questions[from + i], topK));
    }
    onRanked(from + count, Q);
  }
  tf.dispose([unitQueries, unitGallery]);
  return ranked;
}

/** Ranks one row of scores, which is overwritten where entries are excluded. */
function rankOne(scores: Float32Array, { correct, exclude }: Question, topK: number): RankedAll {
  for (const entry of exclude) scores[entry] = -Infinity;
  const ranks = correct.map((wanted) => {
    if (scores[wanted] === -Infinity) return Infinity;
    let rank = 1;
    for (let entry = 0; entry < scores.length; entry++) if (precedes(scores, entry, wanted)) rank++;
    return rank;
  });
  const top: number[] = [];
  for (let entry = 0; entry < scores.length; entry++) {
    if (scores[entry] === -Infinity) continue;
    if (top.length === topK && !precedes(scores, entry, top[topK - 1])) continue;
    let place = top.length;
    while (place > 0 && precedes(scores, entry, top[place - 1])) place--;
    top.splice(place, 0, entry);
    if (top.length > topK) top.pop();
  }
  return { ranks, top };
}

function precedes(scores: Float32Array, a: number, b: number): boolean {
  return scores[a] > scores[b] || (scores[a] === scores[b] && a < b);
}

/** Share of the ranks that are at most `k`, in percent; not a number for no ranks. */
export function recallAt(ranks: readonly number[], k: number): number {
  return 100 * ranks.filter((rank) => rank <= k).length / ranks.length;
}
