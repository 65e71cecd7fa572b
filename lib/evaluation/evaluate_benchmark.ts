/** Evaluates models on a benchmark: all parts and query methods, with the frozen and the fine-tuned text encoder. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { TextEncoderWeights } from "../clip/files/text_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import type { Path } from "../io/path.ts";
import { shown } from "../io/shown.ts";
import type { Phi } from "../projection/phi.ts";
import type { LoadedTokens } from "../projection/pseudo_token_file.ts";
import { tensorHash } from "../tensors/tensor_hash.ts";
import { type BenchmarkData, type BenchmarkDataOptions, openBenchmarkData } from "./benchmark_data.ts";
import { captionFeatures } from "./caption_features.ts";
import { type EvaluationRow, figuresOf, rankQueries } from "./evaluation_row.ts";
import { matchFault } from "./match_results.ts";
import {
  availableMethods,
  checkTemplate,
  countCutTexts,
  defaultPrompt,
  isComposed,
  type QueryEncoder,
  type QueryPrompt,
} from "./query_encoder.ts";
import type { QueryMethod } from "./query_method.ts";
import type { FeatureRows, RankingResult } from "./rank_part.ts";
import { tokensByImage } from "./tokens_by_image.ts";

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
  /**
   * Returns the results of a row that an interrupted evaluation finished before, one for each query of the parts in
   * their order, or undefined if there are none; `featuresHash` tells whether they were ranked with the same features.
   */
  finished?: (name: string, featuresHash: string) => Promise<RankingResult[] | undefined>;
  /** Called after each row, with the hash of the features that it was ranked with; the next row waits for it. */
  onRow?: (row: EvaluationRow, featuresHash: string) => Promise<void> | void;
  /** Called during long work with its stage ("encoding images", "encoding captions", or the name of a row). */
  onStage?: (stage: string, done: number, total: number, note?: string) => void;
  /** Stops the evaluation after the current batch; the signal's reason is thrown. */
  signal?: AbortSignal;
}

/** Result of an evaluation. */
export interface Evaluation {
  /** The benchmark that was evaluated. */
  data: BenchmarkData;
  /** The rows, baselines first. */
  rows: EvaluationRow[];
  /** The wording of queries. */
  prompt: QueryPrompt;
  /** Number of texts that fill the model's context; longer ones were cut. */
  cutTexts: number;
  /** Key of the cached image features; absent in captions mode. */
  featuresKey?: string;
  /**
   * SHA-256 of the features of the images, or of the captions in their place, as they were ranked: it tells whether an
   * image was another one, in whatever folder and from whatever cache.
   */
  featuresHash: string;
  /** Number of images that were encoded now; the others were cached. Absent in captions mode. */
  encodedImages?: number;
}

/**
 * Evaluates a CLIP, a phi and a fine-tuned text encoder on a benchmark. Features of images are cached on disk.
 *
 * @throws {Error} before anything is computed, if annotations or images are missing, a method needs a model that is not
 *   given, or a query's reference has no pseudo-token
 * @throws {Error} if `finished` returns results of other queries
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
  const { parts, captions, files, benchmark, wording } = data;
  const prompt = { ...defaultPrompt(benchmark, wording), ...options.prompt };
  checkTemplate(prompt.template);
  const methods = chooseMethods({ phi, pseudoTokens: options.pseudoTokens, captions }, parts, options.methods);
  const pseudoTokens = options.pseudoTokens && methods.includes("pseudo-token + text")
    ? tokensByImage(options.pseudoTokens, data)
    : undefined;
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
  let featuresHash: string;
  try {
    featuresHash = await tensorHash(features.rows);
    for (const { method, name, fineTuned } of rows) {
      signal?.throwIfAborted();
      const textWeights = fineTuned ? textEncoder!.weights : undefined;
      const encoder: QueryEncoder = { clip, phi, pseudoTokens, textWeights, captions };
      const earlier = await finished?.(name, featuresHash);
      const fault = earlier && matchFault(parts, earlier);
      if (fault !== undefined) {
        throw new Error(`Resuming the row ${shown(name)} failed: ${fault}; or evaluate it anew.`);
      }
      const results = earlier ??
        await rankQueries(encoder, { parts, features, method, prompt, onProgress: stage(name) });
      const row: EvaluationRow = { name, method, fineTuned, results, ...figuresOf(parts, results) };
      evaluated.push(row);
      await onRow?.(row, featuresHash);
    }
  } finally {
    features.rows.dispose();
  }
  const cutTexts = parts.reduce((sum, part) => sum + countCutTexts(clip, part, prompt), 0);
  return { data, rows: evaluated, prompt, cutTexts, featuresKey, featuresHash, encodedImages };
}

function chooseMethods(
  available: Parameters<typeof availableMethods>[0],
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
