/** Evaluates models on a benchmark: all parts and query methods, with the frozen and the fine-tuned text encoder. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { TextEncoderWeights } from "../clip/files/text_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import type { Path } from "../io/path.ts";
import type { Phi } from "../projection/phi.ts";
import type { LoadedTokens } from "../projection/pseudo_token_file.ts";
import type * as tf from "../tensors/tf.ts";
import { type BenchmarkData, type BenchmarkDataOptions, openBenchmarkData } from "./benchmark_data.ts";
import type { Interval } from "./bootstrap.ts";
import { captionFeatures } from "./caption_features.ts";
import { meanMetrics, type Metrics, partMetrics } from "./metrics.ts";
import {
  availableMethods,
  checkTemplate,
  countCutTexts,
  defaultTemplate,
  encodeQueries,
  isComposed,
  paperPrompt,
  queriesWithReference,
  type QueryEncoder,
  type QueryPrompt,
} from "./query_encoder.ts";
import type { QueryMethod } from "./query_method.ts";
import { type FeatureRows, type RankingResult, rankPart } from "./rank_part.ts";
import { metricIntervals } from "./ranking_results.ts";

/** The models to evaluate, and the options of the evaluation. */
export interface EvaluationOptions {
  /** The CLIP. */
  clip: Clip;
  /** The projection; absent: the method "phi + text" is left out. */
  phi?: Phi;
  /** Inverted pseudo-tokens (SEARLE-OTI), named by the paths of images below the benchmark's root. */
  pseudoTokens?: LoadedTokens;
  /** A fine-tuned text encoder; composed queries are then encoded with it too, beside the frozen one. */
  textEncoder?: TextEncoderWeights;
  /** The query methods; by default all that the models allow. */
  methods?: readonly QueryMethod[];
  /** Changes of the wording; the default is the paper's, and Pic2Word's for COCO. */
  prompt?: Partial<QueryPrompt>;
  /** The folder of cached image features; ".cache/features" by default. */
  cache?: Path;
  /** Returns the results of a row that an interrupted evaluation finished before, or undefined if there are none. */
  finished?: (name: string) => Promise<RankingResult[] | undefined>;
  /** Called after each row; the next row waits for it. */
  onRow?: (row: EvaluationRow) => Promise<void> | void;
  /** Called during long work with its stage ("encoding images", "encoding captions", or the name of a row). */
  onStage?: (stage: string, done: number, total: number, note?: string) => void;
  /** Stops the evaluation after the current batch; the signal's reason is thrown. */
  signal?: AbortSignal;
}

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

/** Result of an evaluation. */
export interface Evaluation {
  /** The benchmark that was evaluated. */
  data: BenchmarkData;
  /** The rows, baselines first. */
  rows: EvaluationRow[];
  /** The wording of queries. */
  prompt: QueryPrompt;
  /** Number of texts that were cut because they are longer than the model's context. */
  cutTexts: number;
  /** Key of the cached image features; absent in captions mode. */
  featuresKey?: string;
  /** Number of images that were encoded now; the others were cached. Absent in captions mode. */
  encodedImages?: number;
}

/**
 * Evaluates a CLIP, a phi and a fine-tuned text encoder on a benchmark. Features of images are cached on disk.
 *
 * @throws {Error} before anything is computed, if annotations or images are missing, or a method needs a model that is
 *   not given
 * @example
 * ```ts ignore
 * import { evaluateBenchmark, loadClip, loadPhi, loadTextEncoder, useDevice } from "@rtd/toolkit";
 *
 * await useDevice("auto");
 * const clip = await loadClip("CLIP");
 * const phi = await loadPhi(clip, "phi.safetensors");
 * const textEncoder = await loadTextEncoder(clip, "FINE_TUNED");
 * const { rows } = await evaluateBenchmark({ benchmark: "cirr", split: "val", root: "CIRR", clip, phi, textEncoder });
 * for (const { name, parts } of rows) console.log(name, parts.cirr.metrics["R@1"]);
 * ```
 */
export async function evaluateBenchmark(options: BenchmarkDataOptions & EvaluationOptions): Promise<Evaluation> {
  return await evaluateData(await openBenchmarkData(options), options);
}

/** Does the same as {@linkcode evaluateBenchmark} for a benchmark that {@linkcode openBenchmarkData} opened. */
export async function evaluateData(data: BenchmarkData, options: EvaluationOptions): Promise<Evaluation> {
  const { clip, phi, textEncoder, cache = ".cache/features", finished, onRow, signal } = options;
  const { onStage = () => {} } = options;
  const { parts, captions, files, benchmark } = data;
  const prompt = { ...paperPrompt, template: defaultTemplate(benchmark), ...options.prompt };
  checkTemplate(prompt.template);
  const pseudoTokens = options.pseudoTokens && tokensById(options.pseudoTokens, data);
  const methods = chooseMethods({ phi, pseudoTokens, captions }, parts, options.methods);
  const rows = methods.map((method) => ({ method, name: method as string, fineTuned: false }));
  if (textEncoder) {
    const composed = methods.filter(isComposed);
    rows.push(...composed.map((method) => ({ method, name: `${method}, fine-tuned encoder`, fineTuned: true })));
  }
  const stage = (name: string) => (done: number, total: number, note?: string) => {
    signal?.throwIfAborted();
    onStage(name, done, total, note);
  };

  let features: FeatureRows, featuresKey: string | undefined, encodedImages: number | undefined;
  if (captions) {
    const ids = files.map(({ id }) => id);
    features = await captionFeatures(clip, captions, ids, { onProgress: stage("encoding captions") });
  } else {
    const encoded = await encodeImageFiles(clip, files, { cache, onProgress: stage("encoding images") });
    features = { rows: encoded.features, index: new Map(files.map(({ id }, i) => [id, i])) };
    [featuresKey, encodedImages] = [encoded.key, encoded.encoded];
  }
  const evaluated: EvaluationRow[] = [];
  for (const { method, name, fineTuned } of rows) {
    signal?.throwIfAborted();
    const textWeights = fineTuned ? textEncoder!.weights : undefined;
    const encoder: QueryEncoder = { clip, phi, pseudoTokens, textWeights, captions };
    const onProgress = stage(name);
    const results = await finished?.(name) ?? await rankQueries(encoder, parts, features, method, prompt, onProgress);
    const row: EvaluationRow = { name, method, fineTuned, results, ...figuresOf(parts, results) };
    evaluated.push(row);
    await onRow?.(row);
  }
  features.rows.dispose();
  const cutTexts = parts.reduce((sum, part) => sum + countCutTexts(clip, part, prompt), 0);
  return { data, rows: evaluated, prompt, cutTexts, featuresKey, encodedImages };
}

/** Encodes and ranks the queries of all parts by one method. */
async function rankQueries(
  encoder: QueryEncoder,
  parts: readonly BenchmarkPart[],
  features: FeatureRows,
  method: QueryMethod,
  prompt: QueryPrompt,
  onProgress: (done: number, total: number, note?: string) => void,
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
    results.push(
      ...await rankPart({
        part,
        indices,
        queries,
        features,
        onProgress: (done, total) => onProgress(done, total, "ranking"),
      }),
    );
    queries.dispose();
  }
  return results;
}

/** Computes the figures of a row, part by part. */
function figuresOf(
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

function chooseMethods(
  available: Omit<QueryEncoder, "clip">,
  parts: readonly BenchmarkPart[],
  wanted: readonly QueryMethod[] | undefined,
): QueryMethod[] {
  const secret = parts.every(({ queries }) => queries.every(({ targets }) => targets.length === 0));
  const possible = availableMethods(available).filter((method) => !(secret && method === "oracle"));
  const impossible = wanted?.find((method) => !possible.includes(method));
  if (impossible !== undefined) {
    const needs: Partial<Record<QueryMethod, string>> = {
      "phi + text": "a phi",
      "pseudo-token + text": "inverted pseudo-tokens",
      "caption + text": "captions of images",
      "oracle": "captions of images and public targets",
    };
    throw new Error(`Evaluating "${impossible}" failed: it needs ${needs[impossible]}, which was not given.`);
  }
  return possible.filter((method) => wanted?.includes(method) ?? true);
}

/** Indexes inverted pseudo-tokens by image id, finding each whole image by its path below the benchmark's root. */
function tokensById({ names, tokens }: LoadedTokens, { files, root }: BenchmarkData): FeatureRows {
  const rowOf = new Map(names.map((name, i) => [name, i]));
  const found = files.filter(({ crop }) => !crop)
    .map(({ id, path }): [string, number] => [id, rowOf.get(path.slice(root.length + 1)) ?? -1])
    .filter(([, row]) => row >= 0);
  if (found.length === 0) {
    throw new Error(
      `Evaluating failed: none of the ${names.length} inverted images ("${
        names[0]
      }", ...) is an image of the benchmark; ` +
        "make the pseudo-tokens with --images at the benchmark's root.",
    );
  }
  return { rows: tokens as tf.Tensor2D, index: new Map(found) };
}
