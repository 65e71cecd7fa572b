/** Ranks the queries of all aspects. */
import { rankByMethod } from "../../evaluation/evaluation_row.ts";
import type { QueryEncoder } from "../../evaluation/query_encoder.ts";
import type { QueryMethod } from "../../evaluation/query_method.ts";
import type { FeatureRows, RankingResult } from "../../evaluation/rank_part.ts";
import type { ScenesBenchmark } from "../data/benchmark.ts";
import { sceneImageCaptions, sceneParts, type SceneSetting } from "./part.ts";

/** What is ranked, and how. */
export interface RankScenesOptions {
  /** The benchmark. */
  benchmark: ScenesBenchmark;
  /** Features of its images, as `encodeSceneImages` returns them. */
  features: FeatureRows;
  /** The setting; by default seen wording and Noto references. */
  setting?: SceneSetting;
  /** The query method; "phi + text" by default. */
  method?: QueryMethod;
}

/** Ranks the gallery for every query. @returns one result a query, in the order of the parts that `sceneParts` makes */
export async function rankScenes(
  encoder: QueryEncoder,
  { benchmark, features, setting = { wording: "seen", references: "noto" }, method = "phi + text" }: RankScenesOptions,
): Promise<RankingResult[]> {
  const withCaptions = { ...encoder, captions: sceneImageCaptions(benchmark) }, results: RankingResult[] = [];
  for (const part of sceneParts(benchmark, setting)) {
    results.push(...await rankByMethod(withCaptions, { part, indices: [...part.queries.keys()], method, features }));
  }
  return results;
}
