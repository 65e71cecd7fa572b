import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { lincirObjective } from "../../lib/projection/lincir/lincir.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { fineTuneNaively } from "../../lib/rtd/naive_fine_tuning.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { listSampler } from "../../lib/training/epoch_sampler.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { searleObjective } from "../../lib/projection/searle/searle.ts";
import { goldenClip } from "../projection/golden_clip.ts";
import { draw, made } from "../projection/made_images.ts";

const captions = Array.from({ length: 9 }, (_, i) => ({ caption: `37 ${5 + i} 8 39`, masked: `37 3 8 39` }));

/** Naive fine-tuning with LinCIR's loss on a small CLIP. */
async function fineTune(
  anchor: boolean,
  steps: number,
  control: FineTuningControl = {},
  data = captions,
  token = 16,
) {
  const clip = goldenClip();
  const weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token }, random(1));
  const phi = { method: "LinCIR", input: "raw" as const, provenance: {}, weights, hash: "made" };
  const recipe = changeRecipe(embeddedRecipe, { steps });
  const sampler = listSampler(data);
  const options = { batch: 4, noise: 1, input: "raw" as const, anchor };
  const objective = lincirObjective(clip, sampler, recipe.seed + 1, options);
  return await fineTuneNaively({ ...control, clip, phi, objective, description: { anchor }, recipe });
}

eachBackend("fineTuneNaively: moves the text encoder by the base method's loss, anchored and not", async () => {
  const anchored = await fineTune(true, 12), free = await fineTune(false, 12);
  // The first step starts from the same weights: both sides are the frozen encoder's.
  assertEquals(anchored.losses[0], free.losses[0]);
  assert(anchored.losses[11] < anchored.losses[0] && free.losses[11] < free.losses[0]);
  assert(anchored.losses[3] !== free.losses[3]);
  const [clip, name] = [goldenClip(), "text_projection.weight"];
  const moved = await tf.max(tf.abs(tf.sub(anchored.textWeights[name], clip.weights[name]))).data();
  assert(moved[0] > 1e-3);
  [anchored, free].forEach(({ textWeights }) => disposeWeights(textWeights));
}, ["webgpu"]);

eachBackend("fineTuneNaively: killed and resumed, it goes on as if it had not been", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const straight = await fineTune(true, 4);
  const killed = fineTune(true, 4, {
    checkpoint,
    saveEvery: 0,
    onStep({ step }) {
      if (step === 3) throw new Error("killed");
    },
  });
  await assertRejects(() => killed, Error, "killed");
  const resumed = await fineTune(true, 4, { checkpoint, resume: true });
  assertEquals(resumed.losses, straight.losses);
  for (const [name, tensor] of Object.entries(straight.textWeights)) {
    assertEquals(await resumed.textWeights[name].data(), await tensor.data());
  }
  await assertRejects(() => fineTune(false, 4, { checkpoint, resume: true }), Error, "was made with objective");
  const other = fineTune(true, 4, { checkpoint, resume: true }, captions.slice(1));
  await assertRejects(() => other, Error, "was made with items =");
  await Deno.remove(folder, { recursive: true });
});

eachBackend(
  "fineTuneNaively: SEARLE's loss without inverted pseudo-tokens moves the text encoder as with them",
  async () => {
    const clip = goldenClip(),
      features = made(14, 6),
      inverted = made(16, 6),
      recipe = changeRecipe(embeddedRecipe, { steps: 3 });
    const weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token: 16 }, random(1));
    const phi = { method: "SEARLE", input: "raw" as const, provenance: {}, weights, hash: "made" };
    const options = { batch: 4, input: "raw" as const, temperature: 0.25, phraseWeight: 0.75, anchor: true };
    const tune = async (tokens?: tf.Tensor2D) => {
      const objective = searleObjective(clip, { features, inverted: tokens, draw }, recipe.seed + 1, options);
      return await fineTuneNaively({ clip, phi, objective, description: {}, recipe });
    };
    const whole = await tune(inverted), alone = await tune();
    for (const [name, tensor] of Object.entries(whole.textWeights)) {
      assertEquals(await alone.textWeights[name].data(), await tensor.data(), name);
    }
    // The contrastive loss of phi's pseudo-tokens is left out, and positive.
    assert(whole.losses.every((loss, i) => loss > alone.losses[i]));
    assert(alone.losses[0] > alone.losses[2]);
    [whole, alone].forEach(({ textWeights }) => disposeWeights(textWeights));
  },
  ["tensorflow", "webgpu"],
);

eachBackend("fineTuneNaively: a phi of other widths than the CLIP's is refused", async () => {
  await assertRejects(
    () => fineTune(true, 1, {}, captions, 9),
    Error,
    "Naive fine-tuning failed: phi goes from 14 to 9, the CLIP needs 14 to 16",
  );
}, ["tensorflow", "webgpu"]);
