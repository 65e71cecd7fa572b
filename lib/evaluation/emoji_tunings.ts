/** The ways of tuning that are compared on the embedded benchmark: RTD, and naive tuning with a method's own loss. */
import * as tf from "@tensorflow/tfjs";
import { emojiCaptions, emojiPhrases } from "../emoji/phi_data.ts";
import { editSampler } from "../emoji/triplets.ts";
import { lincirObjective } from "../projection/lincir.ts";
import type { MakeObjective } from "../projection/objective.ts";
import { embeddedPhiRecipes } from "../projection/phi_recipes.ts";
import { phraseDrawer } from "../projection/phrases.ts";
import { pic2wordObjective } from "../projection/pic2word.ts";
import { searleObjective } from "../projection/searle.ts";
import type { PictureWords } from "../projection/word_file.ts";
import { type NaiveRecipe, tuneNaively } from "../rtd/naive.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import { trainRtd } from "../rtd/train.ts";
import type { Tuned, TuningRun } from "../rtd/tune_text.ts";
import type { RandomState } from "../training/random.ts";
import type { EmojiSetup } from "./emoji_rows.ts";

/** A way of tuning, ready to run. */
export interface EmojiTuning {
  /** What decides its outcome beside CLIP, phi and benchmark. */
  inputs: Record<string, unknown>;
  tune: (run: TuningRun) => Promise<Tuned>;
}

/** RTD on the edits of train families. */
export function rtdTuning({ model, benchmark }: EmojiSetup, recipe: RtdRecipe): EmojiTuning {
  return {
    inputs: { recipe },
    tune: (run) =>
      trainRtd(model, (start) => editSampler(benchmark.edits.train, start as number | RandomState), recipe, run),
  };
}

/**
 * Naive tuning with the loss of phi's own method, on captions and Noto pictures of train families.
 *
 * @param anchor targets from the frozen encoder; Pic2Word's are pictures, so it knows no other way
 * @param inverted SEARLE's loss needs them
 */
export function naiveTuning(
  { model, benchmark, features }: EmojiSetup,
  recipe: NaiveRecipe,
  anchor: boolean,
  inverted?: Pick<PictureWords, "names" | "words">,
): EmojiTuning {
  const { clip, phi } = model, { method, input } = phi;
  const emoji = benchmark.emoji.filter(({ family }) => benchmark.parts.get(family) === "train");
  const codes = new Set(emoji.map(({ code }) => code));
  const places = [...benchmark.pictures.noto.codes.keys()].filter((i) => codes.has(benchmark.pictures.noto.codes[i]));

  /** Runs with the train families' rows of the pictures' features and, for SEARLE, of the inverted words. */
  async function tune(run: TuningRun): Promise<Tuned> {
    const rows = tf.tensor1d(places, "int32");
    const pictures = tf.tidy(() => tf.gather(features.noto, rows)); // [N, P]
    const words = tf.tidy(() => tf.gather(inverted?.words ?? tf.zeros([1, 1]), inverted ? rows : [0])) as tf.Tensor2D;
    const { LinCIR, SEARLE, Pic2Word } = embeddedPhiRecipes;
    let objective: MakeObjective;
    if (method === "LinCIR") {
      const sampler = (start: unknown) => emojiCaptions(emoji, start as number | RandomState);
      objective = lincirObjective(clip, sampler, { ...LinCIR, input, anchor });
    } else if (method === "SEARLE") {
      const draw = await phraseDrawer(clip, pictures, emojiPhrases(emoji), SEARLE.concepts);
      objective = searleObjective(clip, pictures, words, draw, { ...SEARLE, input, anchor });
    } else if (method === "Pic2Word") {
      objective = pic2wordObjective(clip, pictures, { ...Pic2Word, input });
    } else throw new Error(`Naive tuning failed: "${method}" is none of LinCIR, SEARLE, Pic2Word.`);
    const tuned = await tuneNaively(model, objective, inputs.naive, recipe, run);
    tf.dispose([rows, pictures, words]);
    return tuned;
  }
  if (method === "SEARLE" && !inverted) throw new Error("Naive tuning with SEARLE's loss failed: no inverted words.");
  if (method === "Pic2Word" && !anchor) {
    throw new Error("Naive tuning with Pic2Word's loss failed: its targets are pictures, so anchor cannot be false.");
  }
  const order = benchmark.pictures.noto.codes;
  if (inverted && order.some((code, i) => inverted.names[i] !== `noto/${code}`)) {
    throw new Error(
      "Naive tuning with SEARLE's loss failed: the inverted words are of other pictures than the gallery.",
    );
  }
  const inputs = { naive: { method, anchor }, recipe };
  return { inputs, tune };
}
