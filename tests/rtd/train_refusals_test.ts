import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { epochSampler, type EpochState, listSampler } from "../../lib/training/epoch_sampler.ts";
import type { Triplet } from "../../lib/triplets/triplet.ts";
import { eachBackend } from "../backends.ts";
import { goldenModel, numbers, small, trainGolden } from "./small_training.ts";

eachBackend("trainRtd: a checkpoint of another recipe, a damaged one and a missing one are refused", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const resume = { checkpoint, resume: true };
  await assertRejects(() => trainGolden(small, resume), Error, "start without --resume");
  await trainGolden(changeRecipe(small, { steps: 1 }), { checkpoint });
  await assertRejects(
    () => trainGolden(changeRecipe(small, { temperature: 0.1 }), resume),
    Error,
    "was made with temperature = 0.07, requested is 0.1",
  );
  await Deno.truncate(checkpoint, 1000);
  await assertRejects(() => trainGolden(small, resume), Error, "fetch or make the file again");
  await assertRejects(() => trainGolden(small, { resume: true }), Error, "no checkpoint was named");
  await Deno.remove(folder, { recursive: true });
}, ["webgpu", "tensorflow"]);

Deno.test("trainRtd: a checkpoint of version 0.1, which knew the weights of its CLIP alone, is refused by name", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  await trainGolden(changeRecipe(small, { steps: 2 }), { checkpoint });
  const { arrays, metadata } = readSafetensors(await Deno.readFile(checkpoint), checkpoint);
  const record = JSON.parse(metadata.record);
  record.configuration.clip = "golden";
  await Deno.writeFile(checkpoint, writeSafetensors(arrays, { ...metadata, record: JSON.stringify(record) }));
  await assertRejects(
    () => trainGolden(small, { checkpoint, resume: true }),
    Error,
    'was made with clip = "golden", requested is "golden identity"; start anew without --resume',
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("trainRtd: incomplete batches of a list are dropped as a sampler's are; a sampler decides itself", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  // Eleven triplets are one batch of 8; the second begins another epoch.
  const few = numbers.slice(0, 11), recipe = changeRecipe(small, { steps: 3 }), model = goldenModel();
  const sampler = listSampler(few, { incomplete: "drop" });
  const dropped = await trainRtd({ ...model, recipe, triplets: few, incompleteBatch: "drop", checkpoint });
  const sampled = await trainRtd({ ...model, recipe, triplets: sampler });
  const spanned = await trainRtd({ ...model, recipe, triplets: few, incompleteBatch: "span" });
  assertEquals(dropped.losses, sampled.losses);
  assertEquals(dropped.losses[0], spanned.losses[0]);
  assertNotEquals(dropped.losses[1], spanned.losses[1]);
  [dropped, sampled, spanned].forEach(({ textWeights }) => disposeWeights(textWeights));
  const resume = { ...model, recipe, triplets: few, checkpoint, resume: true };
  await assertRejects(() => trainRtd(resume), Error, "was made with items =");
  await assertRejects(
    () => trainRtd({ ...model, recipe, triplets: sampler, incompleteBatch: "drop" }),
    Error,
    "Training RTD failed: incompleteBatch is drop, but triplets is a function that starts samplers, which decides that " +
      "itself; leave incompleteBatch out.",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("trainRtd: a checkpoint of other triplets is refused, and one needs the sampler's data", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const recipe = changeRecipe(small, { steps: 1 }), model = goldenModel();
  disposeWeights((await trainRtd({ ...model, triplets: numbers, recipe, checkpoint })).textWeights);
  for (const triplets of [numbers.slice(1), [...numbers].reverse()]) {
    await assertRejects(
      () => trainRtd({ ...model, triplets, recipe, checkpoint, resume: true }),
      Error,
      "was made with items =",
    );
  }
  const triplets = (start: number | EpochState) => epochSampler(numbers, start);
  await assertRejects(() => trainRtd({ ...model, triplets, recipe, checkpoint }), Error, "has no `data`");
  const end = { ...epochSampler(numbers, 1).state(), position: 9 };
  assertThrows(() => epochSampler(numbers.slice(0, 5), end), Error, "at item 9 of a list of 5");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("trainRtd: a triplet without a text is refused by index and key, in a list and from a sampler", async () => {
  await useDevice("wasm");
  const model = await loadEmbeddedModel({ size: "small" });
  const good = { reference: "red apple", conditioning: "is green", target: "green apple" };
  const recipe = changeRecipe(embeddedRecipe, { steps: 1, batch: 2 });
  const cases: [unknown[], string][] = [
    [[good, { reference: "a", caption: "b", target: "c" }], 'triplet 1 has no text "conditioning" (it has reference, '],
    [[good, ["a", "b", "c"]], 'triplet 1 has no text "reference" (it has 0, 1, 2)'],
    [[{ ...good, target: 7 }], 'triplet 0 has no text "target"'],
    [[{ ...good, target: " $ " }], 'the "target" of triplet 0 is empty after cleaning'],
    [[null, null, null, null], "; and more. A triplet is { reference, conditioning, target }."],
  ];
  for (const [triplets, sentence] of cases) {
    await assertRejects(() => trainRtd({ ...model, triplets: triplets as Triplet[], recipe }), Error, sentence);
    const sampler = () => ({ next: () => triplets as Triplet[], state: () => 0 });
    await assertRejects(() => trainRtd({ ...model, triplets: sampler, recipe }), Error, sentence);
  }
  const none = { 0: good } as unknown as Triplet[];
  await assertRejects(() => trainRtd({ ...model, triplets: none, recipe }), Error, "triplets is neither a list nor a");
  disposeWeights(model.clip.weights);
  disposeWeights(model.phi.weights);
});

eachBackend("trainRtd: a step that fails midway frees its tensors", async () => {
  const { clip, phi } = goldenModel(), recipe = changeRecipe(small, { steps: 2 });
  const { encode } = clip.tokenizer, unreadable = numbers.at(-1)!.target;
  const tokenizer = {
    ...clip.tokenizer,
    encode: (texts: readonly string[]) => {
      if (texts.includes(unreadable)) throw new Error("unreadable");
      return encode(texts);
    },
  };
  const triplets = numbers.filter(({ reference }) => reference !== unreadable).slice(-8);
  const before = tf.memory().numTensors;
  await assertRejects(
    () => trainRtd({ clip: { ...clip, tokenizer }, phi, triplets, recipe }),
    Error,
    "unreadable",
  );
  assertEquals(tf.memory().numTensors, before);
}, ["tensorflow", "webgpu"]);

eachBackend("trainRtd: a phi of other widths than the CLIP's is refused before the first step", async () => {
  const { clip, phi } = goldenModel(), recipe = changeRecipe(small, { steps: 2 });
  for (const [embedding, token] of [[14, 9], [13, 16]]) {
    const weights = initialPhi("relu", { embedding, hiddenWidth: 6, token }, random(1));
    const before = tf.memory().numTensors;
    await assertRejects(
      () => trainRtd({ clip, phi: { ...phi, weights }, triplets: numbers, recipe }),
      Error,
      `Training RTD failed: phi goes from ${embedding} to ${token}, the CLIP needs 14 to 16; load a phi that was made`,
    );
    assertEquals(tf.memory().numTensors, before);
    disposeWeights(weights);
  }
}, ["tensorflow", "webgpu"]);
