/** The fine-tuning methods that are compared on the embedded benchmark: RTD, and naive fine-tuning. */
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import { jsonHash } from "../../io/hash.ts";
import { lincirObjective } from "../../projection/lincir/lincir.ts";
import type { Objective } from "../../projection/objective.ts";
import { embeddedPhiRecipes } from "../../projection/phi_recipes.ts";
import { pic2wordObjective } from "../../projection/pic2word/pic2word.ts";
import { phraseDrawer } from "../../projection/searle/phrases.ts";
import { searleObjective } from "../../projection/searle/searle.ts";
import type { FineTuned, FineTuningControl } from "../../rtd/fine_tune_text.ts";
import { fineTuneNaively, type NaiveRecipe } from "../../rtd/naive_fine_tuning.ts";
import type { RtdRecipe } from "../../rtd/recipe.ts";
import { trainRtd } from "../../rtd/train.ts";
import * as tf from "../../tensors/tf.ts";
import { emojiCaptions, emojiPhrases } from "../data/phi_data.ts";
import { editSampler } from "../data/triplets.ts";
import { wordingTemplates } from "../data/wording.ts";
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
  const edits = benchmark.edits.train;
  const texts = edits.map(({ kind, reference, target, changes }) => [kind, reference.caption, target.caption, changes]);
  return {
    inputs: { recipe, data: await jsonHash([texts, wordingTemplates.seen]) },
    run: (control) => trainRtd({ ...control, clip, phi, triplets: editSampler(edits), recipe }),
  };
}

/** The choices of naive fine-tuning on the embedded benchmark. */
export interface NaiveMethodOptions {
  /** The recipe. */
  recipe: NaiveRecipe;
  /** Whether targets come from the frozen encoder; Pic2Word's are images, so it knows no other way. */
  anchor: boolean;
  /** Inverted pseudo-tokens of the Noto images; SEARLE's loss needs them. */
  inverted?: FeatureRows;
}

/** Prepares naive fine-tuning with the loss of phi's own method, on captions and Noto images of train families. */
export async function naiveFineTuning(
  { clip, phi, benchmark, features }: EmojiSetup,
  { recipe, anchor, inverted }: NaiveMethodOptions,
): Promise<FineTuningMethod> {
  const { method, input } = phi;
  if (method !== "LinCIR" && method !== "SEARLE" && method !== "Pic2Word") {
    throw new Error(`Naive fine-tuning failed: "${method}" is none of LinCIR, SEARLE, Pic2Word.`);
  }
  if (method === "SEARLE" && !inverted) {
    throw new Error("Naive fine-tuning with SEARLE's loss failed: there are no inverted pseudo-tokens.");
  }
  if (method === "Pic2Word" && !anchor) {
    throw new Error(
      "Naive fine-tuning with Pic2Word's loss failed: its targets are images, so anchor cannot be false.",
    );
  }
  const emoji = benchmark.emoji.filter(({ family }) => benchmark.parts.get(family) === "train");
  const trained = new Set(emoji.map(({ code }) => code));
  const ids = benchmark.images.noto.codes.filter((code) => trained.has(code)).map((code) => `noto/${code}`);
  const missing = inverted && ids.find((id) => !inverted.index.has(id));
  if (missing) {
    throw new Error(
      `Naive fine-tuning with SEARLE's loss failed: the inverted pseudo-tokens lack the image ${missing}; were they made ` +
        "for other images?",
    );
  }
  const description = { method, anchor };
  const rowsOf = ({ rows, index }: FeatureRows) =>
    tf.tidy(() => tf.gather(rows, tf.tensor1d(ids.map((id) => index.get(id)!), "int32")));

  async function run(control: FineTuningControl): Promise<FineTuned> {
    const images = rowsOf(features); // [N, P]
    const tokens = inverted ? rowsOf(inverted) : tf.zeros([0, 1]) as tf.Tensor2D; // [N, D]
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
          const learnt = { features: images, inverted: tokens, draw };
          return await follow(searleObjective(clip, learnt, seed, { ...SEARLE, input, anchor }));
        }
        default:
          return await follow(pic2wordObjective(clip, images, seed, { ...Pic2Word, input }));
      }
    } finally {
      tf.dispose([images, tokens]);
    }
  }
  const { optimizer: _, schedule: __, steps: ___, seed: ____, ...loss } = embeddedPhiRecipes[method];
  const texts = emoji.map(({ code, caption, tags, family }) => [code, caption, tags, family]);
  return { inputs: { naive: description, recipe, data: await jsonHash([texts, ids, loss]) }, run };
}
