import { assert, assertEquals } from "@std/assert";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { trialStep } from "../../lib/rtd/trial_step.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";
import { madeModel, madeTriplets } from "./made_model.ts";

const valuesOf = async (weights: Weights) =>
  await Promise.all(Object.entries(weights).map(async ([name, tensor]) => [name, [...await tensor.data()]]));

eachBackend("trialStep: its time, and nothing of the training after it is changed", async () => {
  const { clip, phi } = madeModel({ width: 8, layers: 1, heads: 1, vocabulary: 50 });
  const recipe = changeRecipe(embeddedRecipe, { steps: 3, batch: 4 });
  const options = { clip, phi, recipe, triplets: madeTriplets(12, 4) };
  const straight = await trainRtd(options), before = await valuesOf({ ...clip.weights, ...phi.weights });
  const tensors = tf.memory().numTensors, time = await trialStep(options);
  assert(time!.drawing > 0 && time!.seconds > time!.drawing, JSON.stringify(time));
  assertEquals(tf.memory().numTensors, tensors);
  assertEquals(await valuesOf({ ...clip.weights, ...phi.weights }), before);
  const after = await trainRtd(options);
  assertEquals(after.losses, straight.losses);
  assertEquals(await valuesOf(after.textWeights), await valuesOf(straight.textWeights));
  assertEquals(await trialStep({ ...options, signal: AbortSignal.abort() }), undefined);
  [straight.textWeights, after.textWeights, clip.weights, phi.weights].forEach(disposeWeights);
}, ["webgpu"]);
