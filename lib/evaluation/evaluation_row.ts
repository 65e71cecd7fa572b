/** One row of an evaluation: all queries ranked by one query method with one text encoder, and their figures. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Interval } from "./bootstrap.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { meanMetrics, type Metrics, partMetrics } from "./metrics.ts";
import { encodeQueries, queriesWithReference, type QueryEncoder, type QueryPrompt } from "./query_encoder.ts";
import type { QueryMethod } from "./query_method.ts";
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
}

/**
 * Encodes and ranks the queries of all parts by one method.
 * @throws {Error} if the reference of every query of a part is missing
 */
export async function rankQueries(
  encoder: QueryEncoder,
  { parts, features, method, prompt, onProgress }: RowTask,
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
    const task = { part, indices, method, features, prompt, onProgress };
    const queries = await encodeQueries(encoder, task); // [A, P]
    try {
      results.push(
        ...await rankPart({
          part,
          indices,
          queries,
          features,
          onProgress: (done, total) => onProgress(done, total, "ranking"),
        }),
      );
    } finally {
      queries.dispose();
    }
  }
  return results;
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
    figures[part.part] = { metrics: partMetrics(part, own), intervals: metricIntervals(part, own) };
  }
  const scored = Object.values(figures);
  return {
    parts: figures,
    ...(scored.length > 1 ? { mean: meanMetrics(scored.map(({ metrics }) => metrics)) } : {}),
  };
}
