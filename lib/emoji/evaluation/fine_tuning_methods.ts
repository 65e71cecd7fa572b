/** The fine-tuning methods that are compared on the embedded benchmark: RTD, and naive fine-tuning. */
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import { jsonHash } from "../../io/hash.ts";
import { lincirObjective } from "../../projection/lincir/lincir.ts";
import type { Objective } from "../../projection/objective.ts";
import { embeddedPhiRecipes } from "../../projection/phi_recipes.ts";
import { pic2wordObjective } from "../../projection/pic2word/pic2word.ts";
import { phraseDrawer } from "../../projection/searle/phrases.ts";
import { searleObjective } from "../../projection/searle/searle.ts";
import type { LoadedTokens } from "../../projection/pseudo_token_file.ts";
import type { FineTuned, FineTuningControl } from "../../rtd/fine_tune_text.ts";
import { fineTuneNaively, type NaiveRecipe } from "../../rtd/naive_fine_tuning.ts";
import type { RtdRecipe } from "../../rtd/recipe.ts";
import { trainRtd } from "../../rtd/train.ts";
import { rowsAt } from "../../tensors/rows_at.ts";
import * as tf from "../../tensors/tf.ts";
import { emojiCaptions, emojiPhrases, emojiTexts } from "../data/phi_data.ts";
import { editSampler } from "../data/triplets.ts";
import { tokenRows } from "./part.ts";
import type { EmojiSetup } from "./rows.ts";

/** A fine-tuning method, ready to run. */
export interface FineTuningMethod {
  /** Everything that decides its result beside CLIP, phi and the queries; `data` is a hash of what it trains on. */
  inputs: { data: string } & Record<string, unknown>;
  /** Runs it. */
  run: (control: FineTuningControl) => Promise<FineTuned>;
}

/** Prepares RTD on the edits of train families. */
export async function rtdFineTuning(
  { clip, phi, benchmark }: EmojiSetup,
  recipe: RtdRecipe,
): Promise<FineTuningMethod> {
  const triplets = editSampler(benchmark.edits.train);
  return {
    inputs: { recipe, data: await triplets.data() },
    run: (control) => trainRtd({ ...control, clip, phi, triplets, recipe }),
  };
}

/** Options of {@linkcode naiveFineTuning}. */
export interface NaiveMethodOptions {
  /** The recipe. */
  recipe: NaiveRecipe;
  /** Whether targets come from the frozen encoder; Pic2Word's targets are images, so it needs `true`. */
  anchor: boolean;
  /** Inverted pseudo-tokens of the Noto images; SEARLE's loss needs them. */
  inverted?: LoadedTokens;
}

/**
 * Prepares naive fine-tuning with the loss of phi's own method, on captions and Noto images of train families.
 *
 * @throws {Error} if phi's method has no loss here, or the options do not fit it
 */
export async function naiveFineTuning(
  { clip, phi, benchmark, features }: EmojiSetup,
  { recipe, anchor, inverted }: NaiveMethodOptions,
): Promise<FineTuningMethod> {
  const { method, input } = phi;
  if (method !== "LinCIR" && method !== "SEARLE" && method !== "Pic2Word") {
    throw new Error(
      `Naive fine-tuning failed: "${method}" is none of LinCIR, SEARLE, Pic2Word; load a phi of one of them.`,
    );
  }
  if (method === "SEARLE" && !inverted) {
    throw new Error("Naive fine-tuning with SEARLE's loss failed: there are no inverted pseudo-tokens; set inverted.");
  }
  if (method === "Pic2Word" && !anchor) {
    throw new Error(
      "Naive fine-tuning with Pic2Word's loss failed: anchor is false, and its targets are images; set anchor to true.",
    );
  }
  const emoji = benchmark.emoji.filter(({ family }) => benchmark.parts.get(family) === "train");
  const trained = new Set(emoji.map(({ code }) => code));
  const ids = benchmark.images.noto.codes.filter((code) => trained.has(code)).map((code) => `noto/${code}`);
  const tokensOf = inverted && tokenRows(inverted);
  const missing = tokensOf && ids.find((id) => !tokensOf.index.has(id));
  if (missing) {
    throw new Error(
      `Naive fine-tuning with SEARLE's loss failed: the inverted pseudo-tokens lack the image ${missing}; were they ` +
        "made for other images?",
    );
  }
  const { optimizer: _, schedule: __, steps: ___, seed: ____, ...loss } = embeddedPhiRecipes[method];
  // A checkpoint names the loss; in the inputs, `data` holds it already.
  const naive = { method, anchor }, description = { ...naive, loss };
  const rowsOf = ({ rows, index }: FeatureRows) => rowsAt(rows, ids.map((id) => index.get(id)!));

  async function run(control: FineTuningControl): Promise<FineTuned> {
    const images = rowsOf(features); // [N, P]
    const tokens = tokensOf ? rowsOf(tokensOf) : tf.zeros([0, 1]) as tf.Tensor2D; // [N, D]
    const { LinCIR, SEARLE, Pic2Word } = embeddedPhiRecipes, seed = recipe.seed + 1;
    const follow = async <State>(objective: Objective<State>) =>
      await fineTuneNaively({ ...control, clip, phi, objective, description, recipe });
    try {
      switch (method) {
        case "LinCIR": {
          return await follow(lincirObjective(clip, emojiCaptions(emoji), seed, { ...LinCIR, input, anchor }));
        }
        case "SEARLE": {
          const draw = await phraseDrawer(clip, images, emojiPhrases(emoji), SEARLE.concepts);
          const data = { features: images, inverted: tokens, draw };
          return await follow(searleObjective(clip, data, seed, { ...SEARLE, input, anchor }));
        }
        default:
          return await follow(pic2wordObjective(clip, images, seed, { ...Pic2Word, input }));
      }
    } finally {
      tf.dispose([images, tokens]);
    }
  }
  const trainingData = [emojiTexts(emoji), ids, loss, method === "SEARLE" ? inverted!.hash : undefined];
  return { inputs: { naive, recipe, data: await jsonHash(trainingData) }, run };
}
