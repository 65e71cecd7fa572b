/** The rows that every table on the embedded benchmark is made of. */
import { pairedBootstrap, type PairedInterval } from "../../evaluation/bootstrap.ts";
import type { QueryEncoder } from "../../evaluation/query_encoder.ts";
import type { QueryMethod } from "../../evaluation/query_method.ts";
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import type { Phi } from "../../projection/phi.ts";
import { random } from "../../tensors/random.ts";
import type { Weights } from "../../tensors/weights.ts";
import { type EmojiBenchmark, type EmojiQuery, macroKinds } from "../data/benchmark.ts";
import { mainSetting, type QuerySetting } from "./part.ts";
import { type EmojiScores, evaluateEmoji } from "./scores.ts";
import { bestRank } from "../../evaluation/rank_part.ts";

/** Name of a side setting. */
export type SideSetting = "unseen wording" | "plain wording" | "reference kept" | "Fluent to Noto";

/** The settings beside the main one in which a row is evaluated. */
export const sideSettings: Readonly<Record<SideSetting, QuerySetting>> = {
  "unseen wording": { ...mainSetting, wording: "unseen" },
  "plain wording": { ...mainSetting, wording: "plain" },
  "reference kept": { ...mainSetting, keepReference: true },
  "Fluent to Noto": { ...mainSetting, references: "fluent" },
};

/**
 * Scores of one query method with one text encoder: in the main setting and, for composed queries, in the side
 * settings.
 */
export interface EmojiRow {
  /** Name of the row. */
  name: string;
  /** Scores in the main setting. */
  main: EmojiScores;
  /** Scores in the side settings. */
  side: Partial<Record<SideSetting, EmojiScores>>;
}

/** The models, data and queries of an evaluation on the embedded benchmark. */
export interface EmojiSetup extends Pick<QueryEncoder, "clip" | "pseudoTokens"> {
  /** The projection. */
  phi: Phi;
  /** The benchmark. */
  benchmark: EmojiBenchmark;
  /** Features of its images, as `encodeEmojiImages` returns them. */
  features: FeatureRows;
  /** The queries. */
  queries: readonly EmojiQuery[];
  /**
   * Called after each evaluation: {@linkcode frozenEvaluations} times for the frozen rows, {@linkcode evaluationsOf}
   * times for a single one.
   */
  onScored?: () => void;
}

/** The query methods of the frozen rows. */
export const frozenMethods = [
  "image only",
  "text only",
  "image + text sum",
  "image x text product",
  "oracle",
  "phi + text",
] as const satisfies readonly QueryMethod[];

/** Returns the side settings in which a row is evaluated. */
function sideSettingsOf(method: QueryMethod): SideSetting[] {
  return (Object.keys(sideSettings) as SideSetting[]).filter((side) =>
    // Only Noto images are inverted.
    method === "phi + text" || (method === "pseudo-token + text" && sideSettings[side].references === "noto")
  );
}

/** Returns the number of evaluations behind one row: the main setting, and the side settings of its method. */
export function evaluationsOf(method: QueryMethod): number {
  return 1 + sideSettingsOf(method).length;
}

/** Number of evaluations behind {@linkcode frozenRows}. */
export const frozenEvaluations: number = frozenMethods.reduce((sum, method) => sum + evaluationsOf(method), 0);

/**
 * Evaluates one row; composed queries are evaluated in the side settings too.
 *
 * @param name of the row
 * @param textWeights weights of a fine-tuned text encoder; absent: the frozen one
 */
export async function emojiRow(
  { clip, phi, pseudoTokens, benchmark, features, queries, onScored }: EmojiSetup,
  name: string,
  method: QueryMethod,
  textWeights?: Weights,
): Promise<EmojiRow> {
  const encoder = { clip, phi, pseudoTokens, textWeights };
  const evaluate = async (setting: QuerySetting) => {
    const scores = await evaluateEmoji({ encoder, benchmark, features, queries, method, setting });
    onScored?.();
    return scores;
  };
  const row: EmojiRow = { name, main: await evaluate(mainSetting), side: {} };
  for (const side of sideSettingsOf(method)) row.side[side] = await evaluate(sideSettings[side]);
  return row;
}

/** Evaluates the frozen model's rows: image only, text only, their sum and product, the oracle, phi + text. */
export async function frozenRows(setup: EmojiSetup): Promise<EmojiRow[]> {
  const rows: EmojiRow[] = [];
  for (const method of frozenMethods) rows.push(await emojiRow(setup, method, method));
  return rows;
}

/** Returns the rank of each query's best-ranked correct image. */
export function ranksOf({ results }: EmojiScores): number[] {
  return results.map(bestRank);
}

/**
 * Computes the difference of macro R@1 between two evaluations of the same queries with its 95 % interval, by a paired
 * bootstrap that draws whole families.
 *
 * @param seed of the draws; 1 by default
 * @param draws number of bootstrap samples; 2000 by default
 */
export function macroInterval(before: EmojiScores, after: EmojiScores, seed = 1, draws = 2000): PairedInterval {
  const [first, second] = [before, after].map(ranksOf);
  const scores = before.queries.flatMap((query, i) =>
    macroKinds.includes(query.kind)
      ? [{
        before: first[i] === 1,
        after: second[i] === 1,
        stratum: query.kind,
        cluster: query.reference.family,
      }]
      : []
  );
  return pairedBootstrap(scores, draws, random(seed));
}
