/** A benchmark from features to figures: all parts, all ways of asking. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { PictureCheck } from "../benchmarks/picture_check.ts";
import { meanMetrics, type Metrics, partMetrics } from "./benchmark_metrics.ts";
import {
  askable,
  askedFeatures,
  type AskingMethod,
  type BenchmarkAsker,
  paperWordings,
  type Wordings,
} from "./benchmark_queries.ts";
import { type FeatureRows, type QueryAnswer, rankPart } from "./benchmark_ranking.ts";
import { metricIntervals } from "./query_results.ts";

/** One way of asking, on all parts. */
export interface BenchmarkRow {
  name: string;
  method: AskingMethod;
  answers: QueryAnswer[];
  /** By part; empty where answers are secret. */
  parts: Record<string, { metrics: Metrics; intervals: Record<string, { low: number; high: number }> }>;
  /** Mean over parts; absent where there is one, or where answers are secret. */
  mean?: Metrics;
}

/** What is not there, stamped into everything that is computed without it. */
export interface Missing {
  pictures: number;
  /** Of these the gallery lacks. */
  gallery: number;
  /** Queries whose reference is missing: they count as not answered. */
  references: number;
  /** Queries whose first target is missing: they count as not answered. */
  targets: number;
}

/** Counts what is missing. @param has whether a picture is there */
export function countMissing(parts: readonly BenchmarkPart[], has: (id: string) => boolean): Missing {
  const pictures = new Set(parts.flatMap(({ pictures }) => [...pictures.keys()]));
  const queries = parts.flatMap(({ queries }) => queries);
  const count = (ids: Iterable<string>) => [...ids].filter((id) => !has(id)).length;
  return {
    pictures: count(pictures),
    gallery: parts.reduce((sum, { gallery }) => sum + count(gallery), 0),
    references: queries.filter(({ reference }) => !has(reference)).length,
    targets: queries.filter(({ targets }) => targets.length > 0 && !has(targets[0])).length,
  };
}

/** The stamp as words, or nothing where nothing is missing. */
export function missingStamp({ pictures, gallery, references, targets }: Missing): string | undefined {
  if (pictures === 0) return undefined;
  return `INCOMPLETE: ${pictures} pictures missing (${gallery} of the gallery; ${references} queries without reference, ` +
    `${targets} without target, counted as missed)`;
}

/**
 * Refuses what is incomplete.
 * @throws {Error} with the counts and the first names, unless `allowMissing`
 */
export function refuseMissing({ missing, unreadable, found }: PictureCheck, what: string, allowMissing: boolean): void {
  const lacking = [...missing, ...unreadable.map(({ id }) => id)];
  if (lacking.length === 0 || allowMissing) return;
  const total = found.length + lacking.length;
  throw new Error(
    `Evaluating ${what} failed: ${lacking.length} of ${total} pictures are missing or unreadable (${
      lacking.slice(0, 5).join(", ")
    }${lacking.length > 5 ? ", ..." : ""}); a smaller gallery would raise the figures. Complete it ` +
      "(deno task data-check lists what is missing), or say --allow-missing.",
  );
}

/** Evaluates one way of asking. */
export async function benchmarkRow(
  asker: BenchmarkAsker,
  parts: readonly BenchmarkPart[],
  features: FeatureRows,
  method: AskingMethod,
  name: string = method,
  wordings: Wordings = paperWordings,
  onRanked?: (done: number, total: number) => void,
): Promise<BenchmarkRow> {
  const row: BenchmarkRow = { name, method, answers: [], parts: {} };
  for (const part of parts) {
    const asked = askable(part, features);
    if (asked.length === 0) throw new Error(`Evaluating ${part.part} failed: no query's reference is there.`);
    const queries = await askedFeatures(asker, part, asked, method, features, wordings); // [A, P]
    const answers = await rankPart(part, asked, queries, features, onRanked);
    queries.dispose();
    row.answers.push(...answers);
    if (part.queries.every(({ targets }) => targets.length === 0)) continue;
    row.parts[part.part] = { metrics: partMetrics(part, answers), intervals: metricIntervals(part, answers) };
  }
  const scored = Object.values(row.parts);
  if (scored.length > 1) row.mean = meanMetrics(scored.map(({ metrics }) => metrics));
  return row;
}
