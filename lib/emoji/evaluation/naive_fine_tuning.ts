/** Naive fine-tuning (the paper's Table 8) on captions and Noto images of train families of the embedded benchmark. */
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import { jsonHash } from "../../io/hash.ts";
import { type PhiMethod, phiMethods } from "../../projection/fit_phi.ts";
import { lincirObjective } from "../../projection/lincir/lincir.ts";
import type { Objective } from "../../projection/objective.ts";
import { embeddedPhiRecipes } from "../../projection/phi_recipes.ts";
import { pic2wordObjective } from "../../projection/pic2word/pic2word.ts";
import type { LoadedTokens } from "../../projection/pseudo_token_file.ts";
import { phraseDrawer } from "../../projection/searle/phrases.ts";
import { searleObjective } from "../../projection/searle/searle.ts";
import type { FineTuned, FineTuningControl } from "../../rtd/fine_tune_text.ts";
import { fineTuneNaively, type NaiveRecipe } from "../../rtd/naive_fine_tuning.ts";
import { rowsAt } from "../../tensors/rows_at.ts";
import * as tf from "../../tensors/tf.ts";
import type { EmojiBenchmark } from "../data/benchmark.ts";
import type { Emoji } from "../data/catalogue.ts";
import { emojiCaptions, emojiPhrases, emojiTexts } from "../data/phi_data.ts";
import { tokenRows } from "./part.ts";
import type { EmojiSetup } from "./rows.ts";

/** Options of {@linkcode fineTuneEmojiNaively}. */
export interface EmojiNaiveOptions extends FineTuningControl {
  /** The recipe. */
  recipe: NaiveRecipe;
  /** Whether targets come from the frozen encoder; Pic2Word's targets are images, so it needs `true`. */
  anchor: boolean;
  /** Inverted pseudo-tokens of the Noto images; SEARLE's loss needs them. */
  inverted?: LoadedTokens;
}

/** Returns the anchors that the loss of a method allows: Pic2Word's targets are images, so it needs one. */
export function naiveAnchors(method: PhiMethod): boolean[] {
  return method === "Pic2Word" ? [true] : [true, false];
}

/**
 * Returns a hash of what naive fine-tuning with a method's loss trains on, and of the choices of the loss.
 *
 * @param inverted hash of the inverted pseudo-tokens
 */
export async function naiveData(benchmark: EmojiBenchmark, method: PhiMethod, inverted: string): Promise<string> {
  const { emoji, ids } = trainFamilies(benchmark);
  return await jsonHash([emojiTexts(emoji), ids, lossOf(method), method === "SEARLE" ? inverted : undefined]);
}

/**
 * Fine-tunes the text encoder with the loss of phi's own method; the caller disposes the weights.
 *
 * @throws {Error} if phi's method has no loss here, or the options do not fit it
 */
export async function fineTuneEmojiNaively(
  { clip, phi, benchmark, features }: Pick<EmojiSetup, "clip" | "phi" | "benchmark" | "features">,
  { recipe, anchor, inverted, ...control }: EmojiNaiveOptions,
): Promise<FineTuned> {
  const { input } = phi, method = phiMethods.find((name) => name === phi.method);
  if (method === undefined) {
    throw new Error(
      `Naive fine-tuning failed: "${phi.method}" is none of LinCIR, SEARLE, Pic2Word; load a phi of one of them.`,
    );
  }
  if (method === "SEARLE" && !inverted) {
    throw new Error("Naive fine-tuning with SEARLE's loss failed: there are no inverted pseudo-tokens; set inverted.");
  }
  if (!naiveAnchors(method).includes(anchor)) {
    throw new Error(
      "Naive fine-tuning with Pic2Word's loss failed: anchor is false, and its targets are images; set anchor to true.",
    );
  }
  const { emoji, ids } = trainFamilies(benchmark), tokensOf = inverted && tokenRows(inverted);
  const missing = tokensOf && ids.find((id) => !tokensOf.index.has(id));
  if (missing) {
    throw new Error(
      `Naive fine-tuning with SEARLE's loss failed: the inverted pseudo-tokens lack the image ${missing}; were they ` +
        "made for other images?",
    );
  }
  // A checkpoint names the loss.
  const description = { method, anchor, loss: lossOf(method) };
  const rowsOf = ({ rows, index }: FeatureRows) => rowsAt(rows, ids.map((id) => index.get(id)!));
  const images = rowsOf(features); // [N, P]
  const tokens = tokensOf ? rowsOf(tokensOf) : tf.zeros([0, 1]) as tf.Tensor2D; // [N, D]
  const { LinCIR, SEARLE, Pic2Word } = embeddedPhiRecipes, seed = recipe.seed + 1;
  const follow = async <State>(objective: Objective<State>) =>
    await fineTuneNaively({ ...control, clip, phi, objective, description, recipe });
  try {
    switch (method) {
      case "LinCIR":
        return await follow(lincirObjective(clip, emojiCaptions(emoji), seed, { ...LinCIR, input, anchor }));
      case "SEARLE": {
        const draw = await phraseDrawer(clip, images, emojiPhrases(emoji), SEARLE.concepts);
        const data = { features: images, inverted: tokens, draw };
        return await follow(searleObjective(clip, data, seed, { ...SEARLE, input, anchor }));
      }
      case "Pic2Word":
        return await follow(pic2wordObjective(clip, images, seed, { ...Pic2Word, input }));
    }
  } finally {
    tf.dispose([images, tokens]);
  }
}

/** The emoji of train families, and the ids of their Noto images. */
function trainFamilies({ emoji, parts, images }: EmojiBenchmark): { emoji: Emoji[]; ids: string[] } {
  const own = emoji.filter(({ family }) => parts.get(family) === "train"), codes = new Set(own.map(({ code }) => code));
  return { emoji: own, ids: images.noto.codes.filter((code) => codes.has(code)).map((code) => `noto/${code}`) };
}

/** The choices of a method's loss. */
function lossOf(method: PhiMethod): Record<string, unknown> {
  const { optimizer: _, schedule: __, steps: ___, seed: ____, ...loss } = embeddedPhiRecipes[method];
  return loss;
}
