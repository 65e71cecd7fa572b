import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { componentVariants } from "../../lib/rtd/components.ts";
import { changeRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { epochSampler, type EpochState } from "../../lib/training/epoch_sampler.ts";
import { type BackendName, eachBackend } from "../backends.ts";
import { english, goldenModel, modelOf, numbers, small, trainGolden, valuesOf } from "./small_training.ts";

async function train(backend: BackendName, recipe: RtdRecipe, control: FineTuningControl = {}) {
  return await trainRtd({ ...await modelOf(backend), triplets: english, recipe, ...control });
}

eachBackend("trainRtd: 4 steps = 2 + resume + 2, bit for bit", async (backend) => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  // A software GPU takes a minute for the embedded model; what it may add in another order, it adds in the golden one
  // too.
  const run = (control: FineTuningControl) =>
    backend === "webgpu" ? trainGolden(small, control) : train(backend, small, control);
  const straight = await run({});
  const stop = new AbortController();
  const half = await run({
    checkpoint,
    signal: stop.signal,
    onStep: ({ step }) => step === 2 ? stop.abort() : undefined,
  });
  assertEquals([half.steps, half.losses.length], [2, 2]);
  const resumed = await run({ checkpoint, resume: true });
  assertEquals(resumed.losses, straight.losses);
  assertEquals(await valuesOf(resumed.textWeights), await valuesOf(straight.textWeights));
  [straight, half, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  await Deno.remove(folder, { recursive: true });
});

eachBackend("trainRtd: an array of triplets and a sampler of them give the same losses and weights", async () => {
  const recipe = changeRecipe(small, { steps: 12 }); // more than one epoch of 40
  const fromArray = await trainGolden(recipe);
  let starts = 0;
  const fromSampler = await trainRtd({
    ...goldenModel(),
    triplets: (start: number | EpochState) => (starts++, epochSampler(numbers, start)),
    recipe,
  });
  assertEquals([fromArray.losses.length, starts], [12, 1]);
  // Frozen features of an array's texts are cached, those of a sampler's are computed step by step: other last bits.
  fromSampler.losses.forEach((loss, i) => assertAlmostEquals(loss, fromArray.losses[i], 1e-5));
  const expected = await valuesOf(fromArray.textWeights);
  for (const [name, values] of Object.entries(await valuesOf(fromSampler.textWeights))) {
    // A key's bias has no gradient but rounding, which AdamW divides by its own size.
    if (!name.endsWith("k_proj.bias")) values.forEach((value, i) => assertAlmostEquals(value, expected[name][i], 1e-4));
  }
  const otherSeed = await trainGolden(changeRecipe(recipe, { seed: 1 }));
  assert(otherSeed.losses[0] !== fromArray.losses[0]);
  await assertRejects(() => trainRtd({ ...goldenModel(), triplets: [], recipe }), Error, "the list is empty");
  [fromArray, fromSampler, otherSeed].forEach(({ textWeights }) => disposeWeights(textWeights));
}, ["webgpu"]);

eachBackend("trainRtd: no tensor is left behind from step 3 to step 30", async () => {
  const counts: number[] = [];
  const recipe = changeRecipe(small, { steps: 30 });
  const { textWeights } = await trainGolden(recipe, { onStep: () => void counts.push(tf.memory().numTensors) });
  assertEquals(counts.length, 30);
  assertEquals(new Set(counts.slice(2)).size, 1, counts.join());
  disposeWeights(textWeights);
}, ["webgpu"]);

eachBackend("trainRtd: the loss falls, and the frozen encoder stays as it was", async (backend) => {
  const { clip } = await modelOf(backend);
  const before = await valuesOf(clip.weights);
  const { textWeights, losses } = await train(backend, changeRecipe(small, { steps: 25 }));
  assert(losses[24] < losses[0] - 0.2, losses.join());
  assertEquals(await valuesOf(clip.weights), before);
  disposeWeights(textWeights);
}, ["webgpu"]);

eachBackend("trainRtd: every row of the component table trains, and so do the other options", async () => {
  const changes = [
    ...componentVariants.map(({ changes }) => changes),
    { keepCaptions: 5 },
    { concatenation: "none" as const },
    { trainable: "last block" as const },
    { trainable: "all but embeddings" as const },
    { trainable: "layer norms and biases" as const },
    { lora: { rank: 2, alpha: 2, matrices: "qv" as const } },
    { lora: { rank: 2, alpha: 2, matrices: "qkvo" as const } },
  ];
  const { clip } = goldenModel(), seen = new Set<string>();
  for (const change of changes) {
    const { textWeights, losses } = await trainGolden(changeRecipe(small, { ...change, steps: 2 }));
    assert(losses.every(Number.isFinite), JSON.stringify(change));
    seen.add(String(losses[1]));
    const name = "text_model.embeddings.token_embedding.weight";
    if ("trainable" in change || "lora" in change) {
      assertEquals(await textWeights[name].data(), await clip.weights[name].data());
    }
    disposeWeights(textWeights);
  }
  // Each choice decides the second loss: none of them is left out of the run.
  assertEquals(seen.size, changes.length);
}, ["webgpu"]);
