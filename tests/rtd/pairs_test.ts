import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { drawNoise } from "../../lib/projection/noise.ts";
import { applyPhi, initialPhi, type Phi, phiInput, phiLayers } from "../../lib/projection/phi.ts";
import { noisyPseudoTokens } from "../../lib/rtd/concatenation.ts";
import { changeRecipe, embeddedRecipe, isTrainable, paperRecipe } from "../../lib/rtd/recipe.ts";
import { stepPairs } from "../../lib/rtd/pairs.ts";
import { random } from "../../lib/tensors/random.ts";
import { epochSampler } from "../../lib/training/epoch_sampler.ts";
import { cleanText } from "../../lib/triplets/triplet.ts";

const triplets = [
  { reference: "A <PERSON> with $5 ", conditioning: "is Red", target: "a person in red" },
  { reference: "a cat", conditioning: "is a dog", target: "a dog" },
];

Deno.test("stepPairs: a refined step has each image's query beside its composed one", () => {
  assertEquals(stepPairs(triplets, { concatenation: "phi", refinedBatches: true }), {
    references: ["a person with 5", "a cat"],
    composed: {
      queries: ["a photo of [$] that is red", "a photo of [$] that is a dog"],
      targets: ["a person in red", "a dog"],
    },
    refined: { queries: ["a photo of [$]", "a photo of [$]"], targets: ["a person with 5", "a cat"] },
  });
});

Deno.test("stepPairs: the ablated concatenations write the captions out", () => {
  const plain = stepPairs(triplets, { concatenation: "plain", refinedBatches: true });
  const none = stepPairs(triplets, { concatenation: "none", refinedBatches: false });
  assertEquals(plain.composed.queries[1], "a cat, is a dog");
  assertEquals(plain.refined!.queries, ["a person with 5", "a cat"]);
  assertEquals(none.composed.queries, ["is red", "is a dog"]);
  assertEquals(none.refined, undefined);
  assertThrows(() => stepPairs([], { concatenation: "phi", refinedBatches: true }), Error, "there are no triplets");
});

Deno.test("cleanText: texts are cleaned as published", () => {
  assertEquals(cleanText(null), "");
  assertEquals(cleanText(" The <PERSON> $ pays "), "the person  pays");
});

Deno.test("drawNoise: one scale a row, uniform below the given one", async () => {
  await useDevice("wasm");
  const rows = await drawNoise(400, 64, 0.5, random(1)).array();
  const scales = rows.map((row) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length));
  const mean = scales.reduce((a, b) => a + b) / scales.length;
  assert(Math.max(...scales) < 0.75 && Math.abs(mean - 0.25) < 0.03, `mean ${mean}`);
});

Deno.test("noisyPseudoTokens: without noise phi of the reference; with it, moved, the same for the same seed", async () => {
  await useDevice("wasm");
  const phi: Phi = {
    method: "test",
    input: "unit variance",
    provenance: {},
    hash: "made",
    weights: initialPhi("gelu", { embedding: 4, hiddenWidth: 8, token: 6 }, random(1)),
  };
  const references = tf.tensor2d([[1, 2, 3, 4], [-1, 0, 1, 0]]);
  const plain = await noisyPseudoTokens(phi, references, 0, random(2)).data();
  assertEquals(plain, await phiLayers(phi.weights, phiInput(references, phi.input), (hidden) => hidden).data());
  assertEquals(plain, await applyPhi(phi, references).data());
  const moved = await noisyPseudoTokens(phi, references, 0.5, random(2)).data();
  assertEquals(moved, await noisyPseudoTokens(phi, references, 0.5, random(2)).data());
  assert(moved.some((value: number, i: number) => value !== plain[i]));
  // Unit variance: rows of length sqrt(P).
  const lengths = await tf.norm(phiInput(references, "unit variance"), 2, 1).data();
  for (const length of lengths) assert(Math.abs(length - 2) < 1e-5);
});

Deno.test("paperRecipe: the published one; changeRecipe: unknown choices are refused", () => {
  assertEquals(
    [paperRecipe.steps, paperRecipe.batch, paperRecipe.temperature, paperRecipe.noise, paperRecipe.seed],
    [2000, 128, 0.07, 0.5, 12345],
  );
  assertEquals(paperRecipe.optimizer, {
    learningRate: 1e-5,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
  });
  assertEquals(changeRecipe(embeddedRecipe, { steps: 3 }).steps, 3);
  assertThrows(
    () => changeRecipe(embeddedRecipe, { step: 3 } as never),
    Error,
    '"step" is no choice; there are seed, steps',
  );
});

Deno.test("changeRecipe: a value out of its range is refused by name, with the range; its limits are taken", () => {
  const refused: [Parameters<typeof changeRecipe>[1], string][] = [
    [{ seed: -1 }, "seed is -1, expected a whole number from 0."],
    [{ seed: 1.5 }, "seed is 1.5, expected a whole number from 0."],
    [{ steps: 0 }, "steps is 0, expected a whole number from 1."],
    [{ steps: NaN }, "steps is NaN, expected a whole number from 1."],
    [{ batch: 0 }, "batch is 0, expected a whole number from 1."],
    [{ temperature: 0 }, "temperature is 0, expected a number above 0."],
    [{ temperature: Infinity }, "temperature is Infinity, expected a number above 0."],
    [{ noise: -0.1 }, "noise is -0.1, expected a number from 0."],
    [{ keepCaptions: -1 }, "keepCaptions is -1, expected a number from 0."],
    [{ concatenation: "sum" as never }, "concatenation is sum, expected one of phi, plain, none."],
    [
      { trainable: "none" as never },
      "trainable is none, expected one of all, all but embeddings, last block, layer norms and biases.",
    ],
  ];
  for (const [changes, sentence] of refused) {
    assertThrows(() => changeRecipe(paperRecipe, changes), Error, `Changing a recipe failed: ${sentence}`);
  }
  const limits = { seed: 0, steps: 1, batch: 1, temperature: 1e-9, noise: 0, keepCaptions: 0 };
  assertEquals(changeRecipe(paperRecipe, limits), { ...paperRecipe, ...limits });
});

Deno.test("isTrainable: parts of the encoder are told apart by name", () => {
  const names = [
    "text_model.embeddings.token_embedding.weight",
    "text_model.encoder.layers.1.mlp.fc1.bias",
    "text_model.encoder.layers.2.mlp.fc1.bias",
    "text_model.final_layer_norm.weight",
    "text_projection.weight",
  ];
  const trained = (part: Parameters<typeof isTrainable>[1]) => names.map((name) => isTrainable(name, part, 3));
  assertEquals(trained("all"), [true, true, true, true, true]);
  assertEquals(trained("all but embeddings"), [false, true, true, true, true]);
  assertEquals(trained("last block"), [false, false, true, true, true]);
  assertEquals(trained("layer norms and biases"), [false, true, true, true, false]);
});

Deno.test("epochSampler: deals every triplet once an epoch and goes on from its state", () => {
  const list = Array.from({ length: 5 }, (_, i) => ({ reference: `${i}`, conditioning: "", target: "" }));
  const sampler = epochSampler(list, 3);
  const first = sampler.next(5).map(({ reference }) => reference);
  assertEquals([...first].sort(), ["0", "1", "2", "3", "4"]);
  const drawn = sampler.next(3);
  const state = JSON.parse(JSON.stringify(sampler.state()));
  assertEquals(epochSampler(list, state).next(9), sampler.next(9));
  assertEquals(new Set(drawn.map(({ reference }) => reference)).size, 3);
  assertThrows(() => epochSampler([], 1), Error, "the list is empty");
});
