/** Answers to a benchmark's queries, by id: what metrics, submissions and comparisons are made from. */
import * as tf from "@tensorflow/tfjs";
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { rankAll } from "./ranking.ts";

/** Features of pictures by id. */
export interface FeatureRows {
  /** `[N, P]`, of any length. */
  rows: tf.Tensor2D;
  /** Row of each id. */
  place: ReadonlyMap<string, number>;
}

/** How one query was answered. */
export interface QueryAnswer {
  part: string;
  query: string;
  /** Place of each target in the gallery, counted from 1; nothing where the target is missing or nothing was asked. */
  ranks: (number | null)[];
  /** The best 50 pictures, best first; empty where the query's own gallery is all that is ranked. */
  top: string[];
  /** The query's group, best first: CIRR's subset, GeneCIS' gallery. */
  group?: string[];
  /** Place of the target in its group. */
  groupRank?: number | null;
  /** Why nothing was asked. */
  unasked?: string;
}

/** Pictures kept of each ranking: what the evaluation servers take. */
export const keptAnswers = 50;

/**
 * Ranks a part.
 *
 * @param asked places of the queries that `queries` has a row for; the others count as not answered
 * @param queries `[A, P]`
 * @param features of the gallery; a picture without a row is missing from it
 */
export async function rankPart(
  part: BenchmarkPart,
  asked: readonly number[],
  queries: tf.Tensor2D,
  features: FeatureRows,
  onRanked?: (done: number, total: number) => void,
): Promise<QueryAnswer[]> {
  const answers = part.queries.map(({ id, targets }): QueryAnswer => ({
    part: part.part,
    query: id,
    ranks: targets.map(() => null),
    top: [],
    unasked: "its reference is missing",
  }));
  const gallery = part.gallery.filter((id) => features.place.has(id));
  if (!part.ownGalleries) {
    const place = new Map(gallery.map((id, i) => [id, i]));
    const rows = tf.tidy(() =>
      tf.gather(features.rows, tf.tensor1d(gallery.map((id) => features.place.get(id)!), "int32"))
    );
    const placesOf = (ids: readonly string[]) => ids.map((id) => place.get(id)).filter((at) => at !== undefined);
    const questions = asked.map((at) => {
      const { targets, exclude } = part.queries[at];
      return { correct: placesOf(targets), exclude: placesOf(exclude) };
    });
    const ranked = await rankAll(queries, rows, questions, keptAnswers, onRanked);
    rows.dispose();
    asked.forEach((at, i) => {
      const { targets } = part.queries[at], ranks = [...ranked[i].ranks];
      answers[at].ranks = targets.map((id) => place.has(id) ? finite(ranks.shift()!) : null);
      answers[at].top = ranked[i].top.map((entry) => gallery[entry]);
    });
  }
  if (part.queries.some(({ group }) => group)) await rankGroups(part, asked, queries, features, answers);
  for (const at of asked) delete answers[at].unasked;
  return answers;
}

/** Ranks each query's own group, ties in the group's order, and notes it in `answers`. */
async function rankGroups(
  part: BenchmarkPart,
  asked: readonly number[],
  queries: tf.Tensor2D,
  { rows, place }: FeatureRows,
  answers: QueryAnswer[],
): Promise<void> {
  const P = queries.shape[1];
  const groups = asked.map((at) => part.queries[at].group!.filter((id) => place.has(id)));
  const needed = [...new Set(groups.flat())], at = new Map(needed.map((id, i) => [id, i]));
  const [unitRows, unitQueries] = tf.tidy(() => [
    normaliseRows(tf.gather(rows, tf.tensor1d(needed.map((id) => place.get(id)!), "int32"))), // [M, P]
    normaliseRows(queries), // [A, P]
  ]);
  const values = await unitRows.data(), asks = await unitQueries.data();
  tf.dispose([unitRows, unitQueries]);
  asked.forEach((query, i) => {
    const scored = groups[i].map((id, order) => {
      let score = 0;
      for (let d = 0, a = i * P, b = at.get(id)! * P; d < P; d++) score += asks[a + d] * values[b + d];
      return { id, order, score };
    });
    scored.sort((a, b) => b.score - a.score || a.order - b.order);
    const [target] = part.queries[query].targets;
    const found = scored.findIndex(({ id }) => id === target);
    answers[query].group = scored.map(({ id }) => id);
    answers[query].groupRank = found < 0 ? null : found + 1;
    if (part.ownGalleries) answers[query].ranks = [answers[query].groupRank];
  });
}

function finite(rank: number): number | null {
  return Number.isFinite(rank) ? rank : null;
}
