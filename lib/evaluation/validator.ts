/** Validation during a training: one benchmark, its features encoded once, ranked with any state of the text encoder. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import type { OnProgress } from "../io/on_progress.ts";
import type { Path } from "../io/path.ts";
import type { Phi } from "../projection/phi.ts";
import type { Weights } from "../tensors/weights.ts";
import type { BenchmarkData } from "./benchmark_data.ts";
import { cachedCaptionFeatures } from "./cached_caption_features.ts";
import { rankQueries } from "./evaluation_row.ts";
import { meanMetrics, type Metrics, partMetrics } from "./metrics.ts";
import { defaultTemplate, paperPrompt } from "./query_encoder.ts";
import type { FeatureRows, RankingResult } from "./rank_part.ts";

/** A benchmark that is ready to be ranked again and again. */
export interface Validator extends Disposable {
  /** The benchmark. */
  data: BenchmarkData;
  /**
   * Ranks the queries "phi + text" and computes their figures.
   *
   * @param textWeights of the text encoder; absent: the frozen one
   * @returns figures in percent, means over the parts where there are several
   */
  validate(textWeights?: Weights, onProgress?: OnProgress): Promise<Metrics>;
  /**
   * Ranks some of the queries.
   *
   * @param indices of the queries, counted over all parts, in ascending order
   */
  rank(indices: readonly number[], textWeights?: Weights): Promise<RankingResult[]>;
}

/** Options of {@linkcode openValidator}. */
export interface ValidatorOptions {
  /** The CLIP, its image tower loaded unless captions stand for images. It is read again at each validation. */
  clip: Clip;
  /** The projection. */
  phi: Phi;
  /** The folder of cached features; ".cache/features" by default. */
  cache?: Path;
  /** Called while images or captions are encoded; what it throws stops the work. */
  onProgress?: OnProgress;
}

/**
 * Encodes the images of a benchmark, or the captions in their place, or reads their features from the cache. Afterwards
 * neither the files nor the image tower are needed any more.
 *
 * @throws {Error} if an image cannot be read, or the cache is of other images
 * @example
 * ```ts ignore
 * import { loadClip, loadPhi, loadTextEncoder, useDevice } from "@rtd/toolkit";
 * import { openBenchmarkData, openValidator } from "@rtd/toolkit/evaluation";
 *
 * await useDevice("auto");
 * const clip = await loadClip("CLIP"), phi = await loadPhi(clip, "phi.safetensors");
 * const data = await openBenchmarkData({ benchmark: "cirr", root: "CIRR" });
 * using validator = await openValidator(data, { clip, phi });
 * console.log((await validator.validate())["R@1"]); // of the frozen encoder
 * const { weights } = await loadTextEncoder(clip, "FINE_TUNED");
 * console.log((await validator.validate(weights))["R@1"]);
 * ```
 */
export async function openValidator(
  data: BenchmarkData,
  { clip, phi, cache = ".cache/features", onProgress = () => {} }: ValidatorOptions,
): Promise<Validator> {
  const { parts, captions, files, benchmark } = data, ids = files.map(({ id }) => id);
  const prompt = { ...paperPrompt, template: defaultTemplate(benchmark) };
  const features = captions
    ? await cachedCaptionFeatures(clip, captions, ids, { cache, onProgress })
    : await imageFeatures();

  async function imageFeatures(): Promise<FeatureRows> {
    const { features: rows } = await encodeImageFiles(clip, files, { cache, onProgress });
    return { rows, index: new Map(ids.map((id, i) => [id, i])) };
  }
  const ranked = (of: readonly BenchmarkPart[], textWeights: Weights | undefined, onProgress: OnProgress) =>
    rankQueries({ clip, phi, textWeights }, { parts: of, features, method: "phi + text", prompt, onProgress });
  return {
    data,
    async validate(textWeights, onProgress = () => {}) {
      return figures(parts, await ranked(parts, textWeights, onProgress));
    },
    async rank(indices, textWeights) {
      let before = 0;
      const chosen = parts.map((part) => {
        const queries = indices.map((at) => part.queries[at - before]).filter((query) => query !== undefined);
        before += part.queries.length;
        return { ...part, queries };
      });
      return await ranked(chosen.filter(({ queries }) => queries.length > 0), textWeights, () => {});
    },
    [Symbol.dispose]: () => features.rows.dispose(),
  };
}

/**
 * Returns the names of a benchmark's figures, without computing one.
 *
 * @throws {Error} if its targets are not public
 */
export function metricNames(parts: readonly BenchmarkPart[]): string[] {
  const [part] = parts;
  const missed = part.queries.map(({ id, targets }) => ({
    part: part.part,
    query: id,
    ranks: targets.map(() => null),
    top: [],
  }));
  return Object.keys(partMetrics(part, missed));
}

function figures(parts: readonly BenchmarkPart[], results: readonly RankingResult[]): Metrics {
  const each = parts.map((part) => partMetrics(part, results.filter((result) => result.part === part.part)));
  return each.length === 1 ? each[0] : meanMetrics(each);
}
