/** One row of an evaluation: all queries ranked by one query method with one text encoder, and their figures. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Interval } from "./bootstrap.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { meanMetrics, type Metrics, partMetrics, rankStatistics } from "./metrics.ts";
import {
  encodeQueries,
  type EncodeQueriesOptions,
  queriesWithReference,
  type QueryEncoder,
  type QueryPrompt,
} from "./query_encoder.ts";
import * as tf from "../tensors/tf.ts";
import type { EncodedMethod, QueryMethod } from "./query_method.ts";
import { type FeatureRows, type RankingResult, rankPart } from "./rank_part.ts";
import { metricIntervals } from "./ranking_results.ts";

/** Results of one query method with one text encoder on all parts. */
export interface EvaluationRow {
  /** Name of the method, followed by ", fine-tuned encoder" where that encoder was used. */
  name: string;
  /** The query method. */
  method: QueryMethod;
  /** Whether queries were encoded with the fine-tuned text encoder. */
  fineTuned: boolean;
  /** One result for each query of each part. */
  results: RankingResult[];
  /** Figures by name of the part; empty where targets are not public. */
  parts: Record<string, PartFigures>;
  /** Means over the parts, percent; absent for a single part, or where targets are not public. */
  mean?: Metrics;
}

/** The figures of one part. */
export interface PartFigures {
  /** Figures by name, percent. */
  metrics: Metrics;
  /** 95 % bootstrap intervals of the figures, by their name, percent. */
  intervals: Record<string, Interval>;
  /** COCO: mean and median ranks by name, counted from 1; lower is better. */
  ranks?: Record<string, number>;
}

/** What a row ranks, and how. */
export interface RowTask {
  /** The parts. */
  parts: readonly BenchmarkPart[];
  /** Features of the images of all parts, by id. */
  features: FeatureRows;
  /** The query method. */
  method: QueryMethod;
  /** The wording of queries. */
  prompt: QueryPrompt;
  /** Called after each batch of texts and each block of rankings. */
  onProgress: OnProgress;
  /**
   * Called for each part with the encoded queries, `[A, P]`, which are freed after the ranking, and their indices in
   * `part.queries`; a product of similarities has none.
   */
  onQueries?: (queries: tf.Tensor2D, part: BenchmarkPart, indices: readonly number[]) => Promise<void> | void;
}

/**
 * Encodes and ranks the queries of all parts by one method.
 * @throws {Error} if the reference of every query of a part is missing
 */
export async function rankQueries(
  encoder: QueryEncoder,
  { parts, features, method, prompt, onProgress, onQueries }: RowTask,
): Promise<RankingResult[]> {
  const results: RankingResult[] = [];
  for (const part of parts) {
    const withReference = queriesWithReference(part, features);
    const indices = method === "oracle"
      ? withReference.filter((at) => encoder.captions!.has(part.queries[at].targets[0]))
      : withReference;
    if (indices.length === 0) {
      throw new Error(`Evaluating ${part.part} failed: the reference of every query is missing.`);
    }
    const own = onQueries && ((queries: tf.Tensor2D) => onQueries(queries, part, indices));
    results.push(
      ...await rankByMethod(encoder, { part, indices, method, features, prompt, onProgress, onQueries: own }),
    );
  }
  return results;
}

/** What {@linkcode rankByMethod} ranks, and how. */
export interface RankByMethodOptions extends Omit<EncodeQueriesOptions, "method"> {
  /** The query method. */
  method: QueryMethod;
  /** Called with the encoded queries, `[A, P]`, which are freed after the ranking; a product of similarities has none. */
  onQueries?: (queries: tf.Tensor2D) => Promise<void> | void;
}

/** Encodes the chosen queries of one part by any method and ranks the part's gallery for them. */
export async function rankByMethod(
  encoder: QueryEncoder,
  { method, onQueries, ...task }: RankByMethodOptions,
): Promise<RankingResult[]> {
  const { part, indices, features, onProgress = () => {} } = task, made: tf.Tensor2D[] = [];
  const encode = async (method: EncodedMethod) => {
    const queries = await encodeQueries(encoder, { ...task, method }); // [A, P]
    made.push(queries);
    return queries;
  };
  try {
    const ranked = method === "image x text product"
      ? { queries: await encode("image only"), factors: await encode("text only") }
      : { queries: await encode(method) };
    if (method !== "image x text product") await onQueries?.(ranked.queries);
    const ranking = (done: number, total: number) => onProgress(done, total, "ranking");
    return await rankPart({ part, indices, ...ranked, features, onProgress: ranking });
  } finally {
    tf.dispose(made);
  }
}

/** Computes the figures of a row, part by part, and their means. @param results one for each query, in their order */
export function figuresOf(
  parts: readonly BenchmarkPart[],
  results: readonly RankingResult[],
): Pick<EvaluationRow, "parts" | "mean"> {
  const figures: Record<string, PartFigures> = {};
  for (const part of parts) {
    if (part.queries.every(({ targets }) => targets.length === 0)) continue;
    const own = results.filter((result) => result.part === part.part);
    const ranks = rankStatistics(part, own);
    figures[part.part] = {
      metrics: partMetrics(part, own),
      intervals: metricIntervals(part, own),
      ...(ranks && { ranks }),
    };
  }
  const scored = Object.values(figures);
  return {
    parts: figures,
    ...(scored.length > 1 ? { mean: meanMetrics(scored.map(({ metrics }) => metrics)) } : {}),
  };
}
