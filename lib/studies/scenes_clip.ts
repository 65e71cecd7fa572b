/** The embedded CLIP of scenes in memory, as studies evaluate it. */
import { loadClip } from "../clip/files/model_folder.ts";
import { paperPrompt } from "../evaluation/query_encoder.ts";
import { filePath, type Path } from "../io/path.ts";
import type { Phi } from "../projection/phi.ts";
import { loadPhi } from "../projection/phi_file.ts";
import { renderings, type ScenesBenchmark } from "../scenes/data/benchmark.ts";
import {
  encodeSceneImages,
  galleryIds,
  sceneImageCaptions,
  sceneParts,
  type SceneSetting,
} from "../scenes/evaluation/part.ts";
import { scenesModelFolder } from "../scenes/model/scenes_model.ts";
import { disposeWeights } from "../tensors/weights.ts";
import { fineTuneOn, type NaiveData } from "./clip_naive.ts";
import { type EncodedParts, evaluateParts } from "./evaluate_parts.ts";
import { phiLookup } from "./phi_lookup.ts";
import { plainRetrieval } from "./plain_retrieval.ts";
import type { BenchmarkScores, OpenClip, OpenControl } from "./testbed.ts";

/** What it is evaluated on. */
export interface ScenesData {
  /** The benchmark. */
  benchmark: ScenesBenchmark;
  /** The settings in which its queries are evaluated, by name. */
  settings: ReadonlyMap<string, SceneSetting>;
  /** Files of the phis, by name. */
  phis: ReadonlyMap<string, Path>;
  /** Data of naive fine-tunings, by name of the phi. */
  naive: ReadonlyMap<string, NaiveData>;
}

/** The metric by which methods are compared: the share of queries whose first image is a correct one. */
export const scenesHeadline = "hit@1";

/** Loads the CLIP with its phis, and encodes all images. */
export async function openScenesClip(
  { benchmark, settings, phis: files, naive }: ScenesData,
  { onStage = () => {} }: OpenControl = {},
): Promise<OpenClip> {
  // Whatever throws before the end frees what there is by then.
  using owned = new DisposableStack();
  const clip = await loadClip(scenesModelFolder());
  owned.defer(() => disposeWeights(clip.weights));
  const phis = new Map<string, Phi>();
  for (const [name, file] of files) {
    const phi = await loadPhi(clip, filePath(file));
    owned.defer(() => disposeWeights(phi.weights));
    phis.set(name, phi);
  }
  const onProgress = (done: number, total: number) => onStage("encoding images", done, total);
  const features = await encodeSceneImages(clip, benchmark, { onProgress });
  owned.defer(() => features.rows.dispose());
  const captions = sceneImageCaptions(benchmark), phi = phiLookup(phis);
  const encoded = [...settings].map(([name, setting]): [string, EncodedParts] => [name, {
    parts: sceneParts(benchmark, setting),
    ...{ captions, features, headline: scenesHeadline, prompt: paperPrompt },
    paraphrases: sceneParts(benchmark, { ...setting, wording: "unseen" })
      .map(({ queries }) => queries.map(({ texts }) => texts)),
  }]);
  // One rendering of each scene: with two, a caption would have two images.
  const ids = benchmark.scenes.map((_, scene) => `noto/${scene}/0`);
  const single = { ids, captions: benchmark.captions, features };
  const [[, { parts }]] = encoded;
  const captioned = {
    queries: parts.flatMap(({ queries }) => queries.map(({ reference, texts: [text] }) => ({ reference, text }))),
    ...{ captions, features, template: paperPrompt.template },
  };
  const references = [...new Set(captioned.queries.map(({ reference }) => reference))];
  const kept = owned.move();
  return {
    clip,
    phi,
    captioned,
    probed: {
      ...captioned,
      gallery: galleryIds(benchmark),
      lookalikes: references.map((reference) => ({ reference, same: [reference.replace(/0$/, "1")] })),
      sameIs: "the other drawing of its scene",
    },
    async evaluate({ phi: name, method = "phi + text", conditioning, caption }, textWeights) {
      const models = { clip, phi: name === undefined ? undefined : phi(name), textWeights };
      const results: Record<string, BenchmarkScores> = {};
      for (const [setting, one] of encoded) {
        results[setting] = await evaluateParts(one, { ...models, method, conditioning, caption });
      }
      return results;
    },
    plain: (textWeights) => plainRetrieval(clip, single, textWeights),
    async fineTuneNaively(name, options) {
      const data = naive.get(name);
      if (data) return await fineTuneOn(data, { ...options, clip, phi: phi(name), cache: "" });
      throw new Error(`Naive fine-tuning failed: scenes have no data for ${name}'s own loss; choose LinCIR.`);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Number of images in the gallery. */
export function gallerySize({ scenes }: ScenesBenchmark): number {
  return scenes.length * renderings;
}
