import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { readKeptCaptions } from "../../lib/rtd/kept_captions.ts";
import { changeRecipe } from "../../lib/rtd/recipe.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { cloneWeights, disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";
import { goldenModel, numbers, small, valuesOf } from "./small_training.ts";

/** As many as a step has triplets, so that a step's captions are all of them, in whatever order; none is a target's. */
const captions = [30, 31, 32, 33, 34, 35, 36, 5].map((noun) => `37 ${noun} 39`);

async function train(keepCaptions: number, keptCaptions?: string[], control: FineTuningControl = {}, steps = 2) {
  const recipe = changeRecipe(small, { keepCaptions, steps, schedule: { warmup: 0, shape: "constant" } });
  return await trainRtd({ ...goldenModel(), triplets: numbers, recipe, keptCaptions, ...control });
}

Deno.test("readKeptCaptions: each caption once and clean; a file without words is refused", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/c.txt`;
  await Deno.writeTextFile(file, "a dog\n  a cat $\na dog\n\n$\n");
  const { captions, hash } = await readKeptCaptions(file);
  assertEquals([captions, hash.length], [["a dog", "a cat"], 64]);
  await Deno.writeTextFile(file, "$\n $ \n");
  await assertRejects(() => readKeptCaptions(file), Error, "none of the 2 lines of ");
  await Deno.remove(folder, { recursive: true });
});

eachBackend("trainRtd: the anchor's loss is the mean of 1 - cos on the captions that are given", async () => {
  let first: Weights = {};
  const plain = await train(0, undefined, {
    onStep: ({ step, textWeights }) => void (step === 1 && (first = cloneWeights(textWeights))),
  });
  const kept = await train(50, captions), targets = await train(50);
  const { clip } = goldenModel();
  const encode = async (weights: Weights) => normaliseRows(await encodeTexts({ ...clip, weights }, captions));
  const [before, after] = [await encode(clip.weights), await encode({ ...clip.weights, ...first })]; // [B, P]
  const [moved] = await tf.mean(tf.sub(1, tf.sum(tf.mul(before, after), 1))).data();
  // Before the first step the encoder has not moved: the anchor is 0 there and has no gradient, so that the first step is
  // that of plain RTD, but for rounding. 32-bit cosines times 50: 5e-5.
  assertAlmostEquals(kept.losses[0], plain.losses[0], 5e-5);
  assertAlmostEquals(kept.losses[1] - plain.losses[1], 50 * moved, 5e-4);
  assert(moved > 1e-4, String(moved));
  assertNotEquals(kept.losses[1], targets.losses[1]);
  [plain, kept, targets].forEach(({ textWeights }) => disposeWeights(textWeights));
}, ["webgpu"]);

eachBackend("trainRtd: with captions to keep, 5 steps = 3 + resume + 2, and others are refused on resume", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`, stop = new AbortController();
  const many = [...captions, ...captions.map((text) => text.replace("37 ", "37 6 "))]; // two steps an epoch
  const straight = await train(5, many, {}, 5);
  const onStep = ({ step }: { step: number }) => step === 3 ? stop.abort() : undefined;
  const half = await train(5, many, { checkpoint, signal: stop.signal, onStep }, 5);
  const resumed = await train(5, many, { checkpoint, resume: true }, 5);
  assertEquals([half.steps, resumed.losses], [3, straight.losses]);
  assertEquals(await valuesOf(resumed.textWeights), await valuesOf(straight.textWeights));
  await assertRejects(
    () => train(5, captions, { checkpoint, resume: true }, 5),
    Error,
    "was made with items =",
  );
  [straight, half, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  await Deno.remove(folder, { recursive: true });
}, ["webgpu"]);

eachBackend("trainRtd: captions to keep that are empty, none, or without weight are refused", async () => {
  const refused: [() => Promise<unknown>, string][] = [
    [() => train(1, []), "Training RTD failed: keptCaptions is empty; give captions with words"],
    [() => train(1, ["37 5 39", " $ "]), "Training RTD failed: keptCaptions[1] has no text; give captions with words"],
    [
      () => train(0, captions),
      "keptCaptions holds 8 captions, but the recipe's keepCaptions is 0, so they have no part in the loss; set " +
      "keepCaptions above 0.",
    ],
  ];
  for (const [call, sentence] of refused) await assertRejects(call, Error, sentence);
}, ["webgpu", "tensorflow"]);
