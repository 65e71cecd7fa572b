/** A real CLIP in memory, as studies evaluate it. */
import { changePreprocessing } from "../clip/files/change_preprocessing.ts";
import { type Clip, loadClip } from "../clip/files/model_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import { cachedCaptionFeatures } from "../evaluation/cached_caption_features.ts";
import { rankQueries } from "../evaluation/evaluation_row.ts";
import { meanMetrics, type Metrics, partMetrics } from "../evaluation/metrics.ts";
import { defaultPrompt } from "../evaluation/query_encoder.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import { scoreOf } from "../evaluation/ranking_results.ts";
import { tokensByImage } from "../evaluation/tokens_by_image.ts";
import type { Phi } from "../projection/phi.ts";
import { loadPhi } from "../projection/phi_file.ts";
import { loadPseudoTokens } from "../projection/pseudo_token_file.ts";
import * as tf from "../tensors/tf.ts";
import { disposeWeights, type Weights } from "../tensors/weights.ts";
import type { ClipBenchmark } from "./clip_benchmark.ts";
import { fineTuneOn, type NaiveData } from "./clip_naive.ts";
import { changeTexts, type ConditioningChange } from "./conditioning.ts";
import { phiLookup } from "./phi_lookup.ts";
import { plainRetrieval } from "./plain_retrieval.ts";
import { targetCosines } from "./target_cosine.ts";
import type { BenchmarkScores, OpenClip, OpenControl, QueryChoice } from "./testbed.ts";
import type { ClipEntry } from "./testbed_file.ts";

/** What a CLIP is opened with. */
export interface OpenClipOptions extends OpenControl {
  /** The CLIP. */
  entry: ClipEntry;
  /** The benchmarks. */
  benchmarks: readonly ClipBenchmark[];
  /** Data of naive fine-tunings, by name of the phi. */
  naive: ReadonlyMap<string, NaiveData>;
  /** The benchmark whose captions and images plain retrieval is measured on. */
  plain?: ClipBenchmark;
  /** Folder of cached features. */
  cache: string;
}

/** A benchmark with the features of its images. */
interface Encoded {
  benchmark: ClipBenchmark;
  features: FeatureRows;
  /** Its inverted pseudo-tokens. */
  pseudoTokens?: FeatureRows;
}

/** Loads a CLIP with its phis and pseudo-tokens, and encodes all images, or reads their features from the cache. */
export async function openClip(
  { entry, benchmarks, naive, plain, cache, onStage = () => {} }: OpenClipOptions,
): Promise<OpenClip> {
  const owned: tf.Tensor[] = [], weights: Weights[] = [];
  const free = () => {
    weights.forEach(disposeWeights);
    tf.dispose(owned);
  };
  try {
    const images = benchmarks.some(({ data }) => !data.captions) ||
      [...naive.values()].some(({ loss }) => loss === "Pic2Word");
    onStage("loading", 0, 1);
    const loaded = await loadClip(entry.folder, { towers: images ? "both" : "text" });
    weights.push(loaded.weights);
    const { targetPad } = entry;
    const clip = targetPad === undefined ? loaded : await changePreprocessing(loaded, { targetPad });
    const phis = new Map<string, Phi>();
    for (const { name, file } of entry.phis) {
      const phi = await loadPhi(clip, file);
      weights.push(phi.weights);
      phis.set(name, phi);
    }
    const encoded: Encoded[] = [];
    for (const benchmark of benchmarks) {
      const onProgress = (done: number, total: number) => onStage(`encoding ${benchmark.name}`, done, total);
      const features = await encode(clip, benchmark, { cache, onProgress });
      owned.push(features.rows);
      const file = entry.pseudoTokens?.[benchmark.name], inverted = file && await loadPseudoTokens(clip, file);
      if (inverted) owned.push(inverted.tokens);
      encoded.push({
        benchmark,
        features,
        ...(inverted && { pseudoTokens: tokensByImage(inverted, benchmark.data) }),
      });
    }
    const phi = phiLookup(phis);
    const captioned = plain && captionedImages(encoded.find(({ benchmark }) => benchmark === plain)!);
    return {
      clip,
      phi,
      async evaluate({ phi: name, method = "phi + text", conditioning }, textWeights) {
        const models = { clip, phi: name === undefined ? undefined : phi(name), textWeights };
        const results: Record<string, BenchmarkScores> = {};
        for (const one of encoded) {
          if (!allows(one, method)) continue;
          results[one.benchmark.name] = await evaluateOn(one, { ...models, method, conditioning });
        }
        return results;
      },
      plain: async (textWeights) => captioned && await plainRetrieval(clip, captioned, textWeights),
      async fineTuneNaively(name, options) {
        const data = naive.get(name);
        if (data) return await fineTuneOn(data, { ...options, clip, phi: phi(name), cache });
        throw new Error(`Naive fine-tuning failed: the testbed has no data for ${name}'s own loss; name some.`);
      },
      [Symbol.dispose]: free,
    };
  } catch (error) {
    free();
    throw error;
  }
}

/** Encodes the images of a benchmark, or the captions in their place. */
async function encode(
  clip: Clip,
  { data: { captions, files } }: ClipBenchmark,
  options: { cache: string; onProgress: (done: number, total: number) => void },
): Promise<FeatureRows> {
  const ids = files.map(({ id }) => id);
  if (captions) return await cachedCaptionFeatures(clip, captions, ids, options);
  const { features: rows } = await encodeImageFiles(clip, files, options);
  return { rows, index: new Map(ids.map((id, i) => [id, i])) };
}

/** The images of a benchmark that have captions, in the order of their features. */
function captionedImages({ benchmark: { captions }, features: { rows, index } }: Encoded) {
  const ids = [...index.keys()].filter((id) => captions!.has(id));
  return {
    ids,
    captions: ids.map((id) => captions!.get(id)![0]),
    features: { rows, index: new Map(ids.map((id) => [id, index.get(id)!])) },
  };
}

/** Whether a benchmark has what a query method needs. */
function allows({ benchmark, pseudoTokens }: Encoded, method: NonNullable<QueryChoice["method"]>): boolean {
  if (method === "pseudo-token + text") return pseudoTokens !== undefined;
  return method === "caption + text" || method === "oracle" ? benchmark.captions !== undefined : true;
}

/** Ranks a benchmark with queries of one kind. */
async function evaluateOn(
  { benchmark: { data, captions, headline }, features, pseudoTokens }: Encoded,
  { method, conditioning, ...models }: {
    clip: Clip;
    phi?: Phi;
    textWeights?: Weights;
    method: NonNullable<QueryChoice["method"]>;
    conditioning?: ConditioningChange;
  },
): Promise<BenchmarkScores> {
  const parts = data.parts.map((part) => {
    const texts = changeTexts(part.queries.map(({ texts }) => texts), conditioning);
    return { ...part, queries: part.queries.map((query, i) => ({ ...query, texts: texts[i] })) };
  });
  let sum = 0, count = 0;
  const results = await rankQueries({ ...models, pseudoTokens, captions }, {
    ...{ parts, features, method },
    prompt: defaultPrompt(data.benchmark, data.wording),
    onProgress: () => {},
    async onQueries(encoded, part, indices) {
      const cosines = await targetCosines(encoded, { part, indices, features });
      [sum, count] = [sum + cosines.sum, count + cosines.count];
    },
  });
  const each = parts.map((part): [string, Metrics] => [
    part.part,
    partMetrics(part, results.filter((result) => result.part === part.part)),
  ]);
  const metrics = each.length === 1 ? each[0][1] : {
    ...meanMetrics(each.map(([, one]) => one)),
    ...Object.fromEntries(
      each.flatMap(([part, one]) => Object.entries(one).map(([name, value]) => [`${part}, ${name}`, value])),
    ),
  };
  return {
    headline: metrics[headline],
    metrics,
    scores: results.map(scoreOf(headline)),
    ...(count > 0 && { targetCosine: sum / count }),
  };
}
