import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { type EmbeddedModel, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { componentVariants } from "../../lib/rtd/components.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import { frozenTextFeatures, mostCached } from "../../lib/clip/frozen_text_features.ts";
import { changeRecipe, embeddedRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { epochSampler, type EpochState } from "../../lib/training/epoch_sampler.ts";
import type { Triplet } from "../../lib/triplets/triplet.ts";
import { type BackendName, eachBackend } from "../backends.ts";
import { assertNear } from "../golden.ts";
import { goldenClip } from "../projection/golden_clip.ts";

const words = ["red", "green", "blue", "black", "white", "orange", "purple", "brown"];
const nouns = ["heart", "apple", "book", "circle", "square"];

/** Every word with every noun, changed to the next word. */
function triplets(text: (word: string, noun: string) => string, condition: (word: string) => string): Triplet[] {
  const next = (i: number) => words[(i + 1) % words.length];
  return nouns.flatMap((noun) =>
    words.map((word, i) => ({
      reference: text(word, noun),
      conditioning: condition(next(i)),
      target: text(next(i), noun),
    }))
  );
}

const english = triplets((word, noun) => `${word} ${noun}`, (word) => `is ${word}`);
/** The same as token ids, for the golden CLIP. */
const numbers = triplets(
  (word, noun) => `37 ${5 + words.indexOf(word)} ${20 + nouns.indexOf(noun)} 39`,
  (word) => `${5 + words.indexOf(word)} 39`,
);

const small = changeRecipe(embeddedRecipe, { batch: 8, steps: 4 });
const models = new Map<BackendName, EmbeddedModel>();

/** The small embedded model on the backend in use: tensors of one do not live on another. */
async function modelOf(backend: BackendName): Promise<EmbeddedModel> {
  const model = models.get(backend) ?? await loadEmbeddedModel({ size: "small" });
  models.set(backend, model);
  return model;
}

/** The golden CLIP with an untrained phi: all that a CLIP has, and small. */
function goldenModel(): EmbeddedModel {
  const weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token: 16 }, random(1));
  return { clip: goldenClip(), phi: { method: "LinCIR", input: "raw", provenance: {}, weights, hash: "made" } };
}

async function train(backend: BackendName, recipe: RtdRecipe, control: FineTuningControl = {}) {
  return await trainRtd({ ...await modelOf(backend), triplets: english, recipe, ...control });
}

async function trainGolden(recipe: RtdRecipe, control: FineTuningControl = {}) {
  return await trainRtd({ ...goldenModel(), triplets: numbers, recipe, ...control });
}

async function valuesOf(weights: Weights): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(weights)) values[name] = await tensor.data() as Float32Array;
  return values;
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
  ];
  const { clip } = goldenModel(), seen = new Set<string>();
  for (const change of changes) {
    const { textWeights, losses } = await trainGolden(changeRecipe(small, { ...change, steps: 2 }));
    assert(losses.every(Number.isFinite), JSON.stringify(change));
    seen.add(String(losses[1]));
    const name = "text_model.embeddings.token_embedding.weight";
    if ("trainable" in change) assertEquals(await textWeights[name].data(), await clip.weights[name].data());
    disposeWeights(textWeights);
  }
  // Each choice decides the second loss: none of them is left out of the run.
  assertEquals(seen.size, changes.length);
}, ["webgpu"]);

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

eachBackend("frozenTextFeatures: features are the readable encoder's, expected or not", async (backend) => {
  const { clip } = await modelOf(backend);
  const captions = english.map(({ target }) => target);
  const expected = await frozenTextFeatures(clip, { expected: captions }).features(captions); // [B, P]
  const others = await frozenTextFeatures(clip).features(captions); // [B, P]
  const readable = encodeTokens(clip.weights, clip.config.text, clip.tokenizer.encode(captions)); // [B, P]
  const golden = { shape: readable.shape, values: [...await readable.data()] };
  await assertNear("expected", expected, golden, 3e-6);
  await assertNear("not expected", others, golden, 3e-6);
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

eachBackend(
  "frozenTextFeatures: what is not expected is encoded by each call, and no more is kept than fits",
  async () => {
    const clip = goldenClip(), { encode } = clip.tokenizer;
    let encoded = 0;
    const tokenizer = {
      ...clip.tokenizer,
      encode: (texts: readonly string[]) => (texts.length > 1 && encoded++, encode(texts)),
    };
    const [a, b, c] = numbers.map(({ target }) => target);
    const many = Array.from({ length: mostCached + 1 }, (_, i) => `${i}`);
    for (const expected of [undefined, [], many]) {
      const frozen = frozenTextFeatures({ ...clip, tokenizer }, { expected });
      encoded = 0;
      const first = await (await frozen.features([a, b, a, c])).data();
      assertEquals(encoded, 1);
      assertEquals(await (await frozen.features([a, b, a, c])).data(), first);
      assertEquals(encoded, 2);
      assertEquals(first.slice(0, 14), first.slice(28, 42));
    }
  },
  ["webgpu"],
);

eachBackend("frozenTextFeatures: expected texts are encoded by the block, and are then there", async () => {
  const clip = goldenClip(), { encode } = clip.tokenizer;
  const rows: number[] = [];
  const tokenizer = {
    ...clip.tokenizer,
    encode: (texts: readonly string[]) => (texts.length > 1 && rows.push(new Set(texts).size), encode(texts)),
  };
  const length = (text: string) => encode([text]).length;
  const all = [...new Set(numbers.flatMap(({ reference, target }) => [reference, target]))];
  const same = all.filter((text) => length(text) === length(all[0]));
  assertEquals(same.length, 40);
  const frozen = frozenTextFeatures({ ...clip, tokenizer }, { expected: all });
  const first = await (await frozen.features(same.slice(0, 2))).data();
  assertEquals(rows, [16]);
  rows.length = 0;
  await frozen.features(same.slice(0, 16).reverse());
  assertEquals(rows, []);
  await frozen.features(same);
  assertEquals(rows, [16, 8]);
  assertEquals(await (await frozen.features(same.slice(0, 2))).data(), first);
});

eachBackend("frozenTextFeatures: an expected text has the same bits whatever else is asked for, and when", async () => {
  const { clip, phi } = await loadEmbeddedModel(), P = clip.config.projectionWidth, rng = random(3);
  const texts = nouns.flatMap((noun) => words.slice(0, 5).map((word) => `${word} ${noun}`));
  const found = new Map<string, Set<string>>();
  for (let repeat = 0; repeat < 12; repeat++) {
    const frozen = frozenTextFeatures(clip, { expected: texts }), order = rng.shuffle(texts);
    for (const part of [order.slice(0, 8), order.slice(4, 12), order]) {
      const features = await frozen.features(part); // [B, P]
      const values = await features.data() as Float32Array;
      features.dispose();
      part.forEach((text, i) => {
        const bits = new Uint8Array(values.slice(i * P, (i + 1) * P).buffer).toHex();
        found.set(text, (found.get(text) ?? new Set()).add(bits));
      });
    }
  }
  assertEquals([...found.values()].map(({ size }) => size), texts.map(() => 1));
  [clip, phi].forEach(({ weights }) => disposeWeights(weights));
}, ["webgpu"]);
