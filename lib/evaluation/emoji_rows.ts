/** The rows that every result on the embedded benchmark is made of. */
import type { Weights } from "../clip/weights.ts";
import { type EmojiBenchmark, type EmojiQuery, macroKinds } from "../emoji/benchmark.ts";
import type { RtdModel } from "../rtd/train.ts";
import { random } from "../training/random.ts";
import { pairedBootstrap, type PairedInterval } from "./bootstrap.ts";
import {
  type Asker,
  type EmojiFeatures,
  type EmojiScores,
  evaluateEmoji,
  mainSetting,
  type QueryMethod,
  queryMethods,
  type QuerySetting,
} from "./emoji_retrieval.ts";

/** The settings beside the main one in which a row is evaluated. */
export const sideSettings = {
  "unseen wording": { ...mainSetting, wording: "unseen" },
  "plain wording": { ...mainSetting, wording: "plain" },
  "reference kept": { ...mainSetting, keepReference: true },
  "Fluent to Noto": { ...mainSetting, references: "fluent" },
} as const satisfies Record<string, QuerySetting>;

/** Name of a side setting. */
export type SideSetting = keyof typeof sideSettings;

/** One row: a way of asking, in the main setting and, for composed queries, in the others. */
export interface EmojiRow {
  name: string;
  main: EmojiScores;
  side: Partial<Record<SideSetting, EmojiScores>>;
}

/** What an evaluation needs beside the text encoder. */
export interface EmojiSetup {
  model: RtdModel & Pick<Asker, "inverted">;
  benchmark: EmojiBenchmark;
  features: EmojiFeatures;
  queries: readonly EmojiQuery[];
  /** Called after each evaluation: {@linkcode frozenEvaluations} times for the frozen rows, five times for a tuned one. */
  onScored?: () => void;
}

/** Number of evaluations behind {@linkcode frozenRows}. */
export const frozenEvaluations = 9;

/** Evaluates one row; the side settings are for queries that compose picture and text. */
export async function emojiRow(
  { model, benchmark, features, queries, onScored }: EmojiSetup,
  name: string,
  method: QueryMethod,
  text: Weights = {},
): Promise<EmojiRow> {
  const evaluate = async (setting: QuerySetting) => {
    const scores = await evaluateEmoji(model, text, benchmark, features, queries, method, setting);
    onScored?.();
    return scores;
  };
  const row: EmojiRow = { name, main: await evaluate(mainSetting), side: {} };
  if (method === "phi + text") {
    for (const side of Object.keys(sideSettings) as SideSetting[]) {
      // Only Noto pictures are inverted.
      if (model.inverted && sideSettings[side].references !== "noto") continue;
      row.side[side] = await evaluate(sideSettings[side]);
    }
  }
  return row;
}

/** The frozen model's rows: image only, text only, their sum, the oracle, phi + text. */
export async function frozenRows(setup: EmojiSetup): Promise<EmojiRow[]> {
  const rows: EmojiRow[] = [];
  for (const method of queryMethods) rows.push(await emojiRow(setup, method, method));
  return rows;
}

/** Paired bootstrap of macro R@1, families drawn together. @param seed of the draws */
export function macroInterval(before: EmojiScores, after: EmojiScores, seed = 1, draws = 2000): PairedInterval {
  const ranks = ({ answers }: EmojiScores) => [answers.map(({ ranked }) => ranked.rank)];
  return seedsInterval(before.answers.map(({ query }) => query), ranks(before), ranks(after), seed, draws);
}

/**
 * The same for systems that were trained several times: a query's outcome is its mean over the runs of a system.
 * @param before for each run of the one system the rank of each query's answer
 * @param after the same for the other
 */
export function seedsInterval(
  queries: readonly EmojiQuery[],
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
  seed = 1,
  draws = 2000,
): PairedInterval {
  const share = (runs: readonly (readonly number[])[], i: number) =>
    runs.filter((ranks) => ranks[i] === 1).length / runs.length;
  const outcomes = queries.flatMap((query, i) =>
    macroKinds.includes(query.kind)
      ? [{ before: share(before, i), after: share(after, i), stratum: query.kind, cluster: query.reference.family }]
      : []
  );
  return pairedBootstrap(outcomes, draws, random(seed));
}

/** Scores without the single answers: what a result file keeps. */
export function compactScores({ answers: _, ...scores }: EmojiScores): Omit<EmojiScores, "answers"> {
  return scores;
}
