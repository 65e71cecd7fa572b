/**
 * The benchmark of scenes as parts like any other, one for each aspect, over one gallery: two renderings of each scene.
 *
 * The reference image is excluded, its twin rendering stays; both renderings of the target are correct. Images are named
 * "noto/SCENE/RENDERING" and "fluent/SCENE/0".
 */
import type { BenchmarkPart } from "../../benchmarks/benchmark.ts";
import { encodeImages } from "../../clip/encode.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import { normaliseImages } from "../../embedded/normalise_images.ts";
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import * as tf from "../../tensors/tf.ts";
import { renderings, type ScenesBenchmark } from "../data/benchmark.ts";
import { sceneAspects } from "../data/edits.ts";
import type { SceneWording } from "../data/wording.ts";

/** A setting in which queries are evaluated. */
export interface SceneSetting {
  /** How the conditioning text is worded. */
  wording: SceneWording;
  /** The style of the reference images; the gallery is always Noto. */
  references: "noto" | "fluent";
}

/** Returns the ids of the gallery's images, in the order of their pixels. */
export function galleryIds({ scenes }: Pick<ScenesBenchmark, "scenes">): string[] {
  return scenes.flatMap((_, scene) => Array.from({ length: renderings }, (_, i) => `noto/${scene}/${i}`));
}

/** Makes one part for each aspect. */
export function sceneParts(benchmark: ScenesBenchmark, { wording, references }: SceneSetting): BenchmarkPart[] {
  const gallery = galleryIds(benchmark), both = (scene: number) => [`noto/${scene}/0`, `noto/${scene}/1`];
  const fluent = references === "fluent" ? benchmark.fluent.scenes.map((scene) => `fluent/${scene}/0`) : [];
  const images = new Map([...gallery, ...fluent].map((id) => [id, { paths: [] }]));
  return sceneAspects.map((aspect) => ({
    benchmark: "scenes",
    split: `${benchmark.split}, seed ${benchmark.splitSeed}`,
    part: aspect,
    gallery,
    images,
    queries: benchmark.queries.filter((query) => query.aspect === aspect).map(({ reference, target, texts }, i) => ({
      id: String(i),
      reference: `${references}/${reference}/0`,
      texts: [texts[wording]],
      targets: both(target),
      excluded: references === "noto" ? [`noto/${reference}/0`] : [],
    })),
  }));
}

/** Returns the caption of every image, by id. */
export function sceneImageCaptions({ captions, fluent }: ScenesBenchmark): Map<string, string[]> {
  const noto = captions.flatMap((caption, scene) =>
    Array.from({ length: renderings }, (_, i): [string, string[]] => [`noto/${scene}/${i}`, [caption]])
  );
  return new Map([
    ...noto,
    ...fluent.scenes.map((scene): [string, string[]] => [`fluent/${scene}/0`, [captions[scene]]]),
  ]);
}

/** Encodes all images, Noto then Fluent. `[N, P]` rows, not normalised; the caller disposes them. */
export async function encodeSceneImages(
  clip: Pick<Clip, "weights" | "config">,
  benchmark: ScenesBenchmark,
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<FeatureRows> {
  const { gallery, fluent } = benchmark, ids = galleryIds(benchmark), total = ids.length + fluent.scenes.length;
  const encode = (pixels: Uint8Array, before: number) =>
    encodeImages(clip, normaliseImages(pixels), { onProgress: (done) => onProgress?.(before + done, total) }); // [n, P]
  const parts: tf.Tensor2D[] = [];
  try {
    parts.push(await encode(gallery, 0));
    parts.push(await encode(fluent.pixels, ids.length));
    const index = [...ids, ...fluent.scenes.map((scene) => `fluent/${scene}/0`)];
    return { rows: tf.concat(parts) as tf.Tensor2D, index: new Map(index.map((id, i) => [id, i])) };
  } finally {
    tf.dispose(parts);
  }
}
