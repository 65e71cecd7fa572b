/** Figures on the embedded benchmark: recalls by edit kind and their macro mean. */
import { recallAt } from "../../evaluation/metrics.ts";
import { rankByMethod } from "../../evaluation/evaluation_row.ts";
import type { QueryEncoder, QueryPrompt } from "../../evaluation/query_encoder.ts";
import type { QueryMethod } from "../../evaluation/query_method.ts";
import { bestRank, type FeatureRows, type RankingResult } from "../../evaluation/rank_part.ts";
import type * as tf from "../../tensors/tf.ts";
import { type EmojiBenchmark, type EmojiQuery, macroKinds } from "../data/benchmark.ts";
import { type EditKind, editKinds } from "../data/edits.ts";
import { emojiImageCaptions, type EmojiPart, emojiPart, mainSetting, type QuerySetting } from "./part.ts";

/** Recalls of one edit kind, percent. */
export interface KindScores {
  /** Number of queries. */
  queries: number;
  /** Number of families that the references belong to. */
  families: number;
  /** Recall at 1. */
  "R@1": number;
  /** Recall at 5. */
  "R@5": number;
  /** Recall at 10. */
  "R@10": number;
}

/** Figures of one query method in one setting, percent. */
export interface EmojiScores {
  /** The query method. */
  method: QueryMethod;
  /** The setting. */
  setting: QuerySetting;
  /** Recalls by edit kind; a kind without queries is absent. */
  kinds: Partial<Record<EditKind, KindScores>>;
  /** Mean of the recalls over the kinds in `macroOver`. */
  macro: { "R@1": number; "R@5": number; "R@10": number };
  /** The edit kinds that the macro mean is over. */
  macroOver: EditKind[];
  /** R@1 within the target's family, the reference left out, over queries of the macro kinds. */
  familyR1: number;
  /** Number of images in the gallery. */
  gallery: number;
  /** Queries left out because their reference has no image in the setting's style. */
  withoutReference: number;
  /** The queries that were evaluated. */
  queries: readonly EmojiQuery[];
  /** The ranking result of each query. */
  results: readonly RankingResult[];
}

/** Options of {@linkcode evaluateEmoji}. */
export interface EvaluateEmojiOptions {
  /** The models that encode queries; the captions of images are added to them. */
  encoder: QueryEncoder;
  /** The benchmark. */
  benchmark: EmojiBenchmark;
  /** Features of its images, as `encodeEmojiImages` returns them. */
  features: FeatureRows;
  /** The queries. */
  queries: readonly EmojiQuery[];
  /** The query method; "phi + text" by default. */
  method?: QueryMethod;
  /** The setting; by default {@linkcode mainSetting}. */
  setting?: QuerySetting;
  /** The wording of queries; by default the paper's. */
  prompt?: QueryPrompt;
  /** Called with the encoded queries, `[Q, P]`, which are freed after the ranking, and the part that they are of. */
  onQueries?: (queries: tf.Tensor2D, part: EmojiPart) => Promise<void> | void;
}

/** Evaluates one query method on the embedded benchmark. */
export async function evaluateEmoji(
  { encoder, benchmark, features, queries, method = "phi + text", setting = mainSetting, prompt, onQueries }:
    EvaluateEmojiOptions,
): Promise<EmojiScores> {
  const part = emojiPart(benchmark, queries, setting), evaluated = part.emojiQueries;
  const indices = [...evaluated.keys()];
  const withCaptions = { ...encoder, captions: emojiImageCaptions(benchmark) };
  const own = onQueries && ((queries: tf.Tensor2D) => onQueries(queries, part));
  const results = await rankByMethod(withCaptions, { part, indices, method, features, prompt, onQueries: own });

  const kinds: EmojiScores["kinds"] = {};
  for (const kind of editKinds) {
    const rows = indices.filter((i) => evaluated[i].kind === kind);
    if (rows.length === 0) continue;
    const ranks = rows.map((i) => bestRank(results[i]));
    kinds[kind] = {
      queries: rows.length,
      families: new Set(rows.map((i) => evaluated[i].reference.family)).size,
      "R@1": recallAt(ranks, 1),
      "R@5": recallAt(ranks, 5),
      "R@10": recallAt(ranks, 10),
    };
  }
  const macroOver = macroKinds.filter((kind) => kinds[kind] !== undefined);
  const mean = (key: "R@1" | "R@5" | "R@10") =>
    macroOver.reduce((sum, kind) => sum + kinds[kind]![key], 0) / macroOver.length;
  const inMacro = results.filter((_, i) => macroOver.includes(evaluated[i].kind));
  return {
    method,
    setting,
    kinds,
    macro: { "R@1": mean("R@1"), "R@5": mean("R@5"), "R@10": mean("R@10") },
    macroOver,
    familyR1: recallAt(inMacro.map(({ groupRank }) => groupRank ?? null), 1),
    gallery: part.gallery.length,
    withoutReference: queries.length - evaluated.length,
    queries: evaluated,
    results,
  };
}

/** Returns scores without the queries and their results, as result files hold them. */
export function compactScores(
  { queries: _, results: __, ...scores }: EmojiScores,
): Omit<EmojiScores, "queries" | "results"> {
  return scores;
}
