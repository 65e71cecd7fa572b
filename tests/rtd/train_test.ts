import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { type EmbeddedModel, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { componentVariants } from "../../lib/rtd/components.ts";
import { frozenTextFeatures } from "../../lib/clip/frozen_text_features.ts";
import { changeRecipe, embeddedRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { epochSampler, type EpochState } from "../../lib/training/epoch_sampler.ts";
import { type BackendName, eachBackend } from "../backends.ts";

const words = ["red", "green", "blue", "black", "white", "orange", "purple", "brown"];
const nouns = ["heart", "apple", "book", "circle", "square"];
const triplets = nouns.flatMap((noun) =>
  words.map((word, i) => ({
    reference: `${word} ${noun}`,
    conditioning: `is ${words[(i + 1) % words.length]}`,
    target: `${words[(i + 1) % words.length]} ${noun}`,
  }))
);

const small = changeRecipe(embeddedRecipe, { batch: 8, steps: 4 });
const models = new Map<BackendName, EmbeddedModel>();

/** The embedded model on the backend in use: tensors of one do not live on another. */
async function modelOf(backend: BackendName): Promise<EmbeddedModel> {
  const model = models.get(backend) ?? await loadEmbeddedModel();
  models.set(backend, model);
  return model;
}

async function train(backend: BackendName, recipe: RtdRecipe, run: FineTuningControl = {}) {
  return await trainRtd(
    await modelOf(backend),
    (start) => epochSampler(triplets, start as number | EpochState),
    recipe,
    run,
  );
}

async function valuesOf(weights: Weights): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(weights)) values[name] = await tensor.data() as Float32Array;
  return values;
}

eachBackend("4 steps = 2 + resume + 2, bit for bit", async (backend) => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const straight = await train(backend, small);
  const stop = new AbortController();
  const half = await train(backend, small, {
    checkpoint,
    signal: stop.signal,
    onStep: ({ step }) => step === 2 ? stop.abort() : undefined,
  });
  assertEquals([half.steps, half.losses.length], [2, 2]);
  const resumed = await train(backend, small, { checkpoint, resume: true });
  assertEquals(resumed.losses, straight.losses);
  assertEquals(await valuesOf(resumed.textWeights), await valuesOf(straight.textWeights));
  [straight, half, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  await Deno.remove(folder, { recursive: true });
});

eachBackend("no tensor is left behind from step 3 to step 30", async (backend) => {
  const counts: number[] = [];
  const recipe = changeRecipe(small, { steps: 30 });
  const { textWeights } = await train(backend, recipe, { onStep: () => void counts.push(tf.memory().numTensors) });
  assertEquals(new Set(counts.slice(2)).size, 1, counts.join());
  disposeWeights(textWeights);
}, ["webgpu"]);

eachBackend("the loss falls, and the frozen encoder stays as it was", async (backend) => {
  const { clip } = await modelOf(backend);
  const before = await valuesOf(clip.weights);
  const { textWeights, losses } = await train(backend, changeRecipe(small, { steps: 25 }));
  assert(losses[24] < losses[0] - 0.2, losses.join());
  assertEquals(await valuesOf(clip.weights), before);
  disposeWeights(textWeights);
}, ["webgpu"]);

eachBackend("every row of the component table trains, and so do the other options", async (backend) => {
  const changes = [
    ...componentVariants.map(({ changes }) => changes),
    { keepCaptions: 5 },
    { concatenation: "none" as const },
    { trainable: "last block" as const },
    { trainable: "all but embeddings" as const },
  ];
  for (const change of changes) {
    const { textWeights, losses } = await train(backend, changeRecipe(small, { ...change, steps: 2 }));
    assert(losses.every(Number.isFinite), JSON.stringify(change));
    if ("trainable" in change) {
      const name = "text_model.embeddings.token_embedding.weight";
      const { clip } = await modelOf(backend);
      assertEquals(await textWeights[name].data(), await clip.weights[name].data());
    }
    disposeWeights(textWeights);
  }
}, ["webgpu"]);

eachBackend("a checkpoint of another recipe, a damaged one and a missing one are refused", async (backend) => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const resume = { checkpoint, resume: true };
  await assertRejects(() => train(backend, small, resume), Error, "start without --resume");
  await train(backend, changeRecipe(small, { steps: 1 }), { checkpoint });
  await assertRejects(
    () => train(backend, changeRecipe(small, { temperature: 0.1 }), resume),
    Error,
    "was made with temperature = 0.07, asked for is 0.1",
  );
  await Deno.truncate(checkpoint, 1000);
  await assertRejects(() => train(backend, small, resume), Error, "fetch or make the file again");
  await assertRejects(() => train(backend, small, { resume: true }), Error, "no checkpoint was named");
  await Deno.remove(folder, { recursive: true });
}, ["webgpu", "tensorflow"]);

eachBackend("a frozen feature does not depend on the texts that were asked for with it", async (backend) => {
  const { clip } = await modelOf(backend);
  const captions = triplets.map(({ target }) => target);
  const together = await frozenTextFeatures(clip).features(captions);
  const alone = frozenTextFeatures(clip), width = together.shape[1];
  for (const place of [0, 7, 39]) {
    const row = await (await alone.features([captions[place]])).data();
    assertEquals(row, (await together.data()).slice(place * width, (place + 1) * width));
  }
});
