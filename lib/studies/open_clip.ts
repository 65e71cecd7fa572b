/** A real CLIP in memory, as studies evaluate it. */
import { changePreprocessing } from "../clip/files/change_preprocessing.ts";
import { type Clip, loadClip } from "../clip/files/model_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import { cachedCaptionFeatures } from "../evaluation/cached_caption_features.ts";
import { defaultPrompt } from "../evaluation/query_encoder.ts";
import type { QueryMethod } from "../evaluation/query_method.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import { tokensByImage } from "../evaluation/tokens_by_image.ts";
import type { Phi } from "../projection/phi.ts";
import { loadPhi } from "../projection/phi_file.ts";
import { loadPseudoTokens } from "../projection/pseudo_token_file.ts";
import { disposeWeights } from "../tensors/weights.ts";
import type { ClipBenchmark } from "./clip_benchmark.ts";
import { fineTuneOn, type NaiveData, needsImages } from "./clip_naive.ts";
import { type EncodedParts, evaluateParts } from "./evaluate_parts.ts";
import { needOf } from "./method_needs.ts";
import { phiLookup } from "./phi_lookup.ts";
import { plainRetrieval } from "./plain_retrieval.ts";
import type { BenchmarkScores, CaptionedQueries, OpenClip, OpenControl, ProbedQueries } from "./testbed.ts";
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
interface Encoded extends EncodedParts {
  benchmark: ClipBenchmark;
}

/** Loads a CLIP with its phis and pseudo-tokens, and encodes all images, or reads their features from the cache. */
export async function openClip(
  { entry, benchmarks, naive, plain, cache, onStage = () => {} }: OpenClipOptions,
): Promise<OpenClip> {
  // Whatever throws before the end frees what there is by then.
  using owned = new DisposableStack();
  const images = benchmarks.some(({ data }) => !data.captions) ||
    [...naive.values()].some(needsImages);
  onStage("loading", 0, 1);
  const loaded = await loadClip(entry.folder, { towers: images ? "both" : "text" });
  owned.defer(() => disposeWeights(loaded.weights));
  const { targetPad } = entry;
  const clip = targetPad === undefined ? loaded : await changePreprocessing(loaded, { targetPad });
  const phis = new Map<string, Phi>();
  for (const { name, file } of entry.phis) {
    const phi = await loadPhi(clip, file);
    owned.defer(() => disposeWeights(phi.weights));
    phis.set(name, phi);
  }
  const encoded: Encoded[] = [];
  for (const benchmark of benchmarks) {
    const onProgress = (done: number, total: number) => onStage(`encoding ${benchmark.name}`, done, total);
    const features = await encode(clip, benchmark, { cache, onProgress });
    owned.defer(() => features.rows.dispose());
    const file = entry.pseudoTokens?.[benchmark.name], inverted = file && await loadPseudoTokens(clip, file);
    if (inverted) owned.defer(() => inverted.tokens.dispose());
    const { captions, headline, data: { parts, benchmark: family, wording } } = benchmark;
    encoded.push({
      ...{ benchmark, parts, captions, headline, features, prompt: defaultPrompt(family, wording) },
      ...(inverted && { pseudoTokens: tokensByImage(inverted, benchmark.data) }),
    });
  }
  const phi = phiLookup(phis);
  const withCaptions = plain && encoded.find(({ benchmark }) => benchmark === plain);
  const captioned = withCaptions && captionedImages(withCaptions);
  const queries = withCaptions && captionedQueries(withCaptions), probed = probedQueries(encoded[0]);
  const kept = owned.move();
  return {
    clip,
    phi,
    ...(queries && { captioned: queries }),
    probed,
    async evaluate({ phi: name, method = "phi + text", conditioning, caption }, textWeights) {
      const models = { clip, phi: name === undefined ? undefined : phi(name), textWeights };
      const results: Record<string, BenchmarkScores> = {};
      for (const one of encoded) {
        if (!allows(one, method)) continue;
        results[one.benchmark.name] = await evaluateParts(one, { ...models, method, conditioning, caption });
      }
      return results;
    },
    plain: async (textWeights) => captioned && await plainRetrieval(clip, captioned, textWeights),
    async fineTuneNaively(name, options) {
      const data = naive.get(name);
      if (data) return await fineTuneOn(data, { ...options, clip, phi: phi(name), cache });
      throw new Error(`Naive fine-tuning failed: the testbed has no data for ${name}'s own loss; name some.`);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
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

/** The queries of a benchmark whose reference has a caption and an image. */
function captionedQueries({ benchmark: { data, captions }, features }: Encoded): CaptionedQueries {
  const queries = data.parts.flatMap(({ queries }) =>
    queries.map(({ reference, texts: [text] }) => ({ reference, text }))
  );
  return {
    queries: queries.filter(({ reference }) => captions!.has(reference) && features.index.has(reference)),
    captions: captions!,
    features,
    template: defaultPrompt(data.benchmark, data.wording).template,
  };
}

/** The queries of the first benchmark; what shows the same as a reference image is that image alone. */
function probedQueries({ benchmark: { data, captions }, features }: Encoded): ProbedQueries {
  const queries = data.parts.flatMap(({ queries }) =>
    queries.map(({ reference, texts: [text] }) => ({ reference, text }))
  ).filter(({ reference }) => features.index.has(reference));
  const references = [...new Set(queries.map(({ reference }) => reference))];
  return {
    ...{ queries, features, gallery: [...features.index.keys()] },
    template: defaultPrompt(data.benchmark, data.wording).template,
    lookalikes: references.map((reference) => ({ reference, same: [reference] })),
    sameIs: "the reference image itself",
    ...(captions && { captions }),
  };
}

/** Whether a benchmark has what a query method needs. */
function allows(benchmark: Encoded, method: QueryMethod): boolean {
  const need = needOf(method);
  return need === undefined || benchmark[need] !== undefined;
}
