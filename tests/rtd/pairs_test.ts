import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { drawNoise } from "../../lib/projection/noise.ts";
import { applyPhi, initialPhi, type Phi, phiInput } from "../../lib/projection/phi.ts";
import { noisyPseudoTokens } from "../../lib/rtd/concatenation.ts";
import { changeRecipe, embeddedRecipe, isTrainable, paperRecipe } from "../../lib/rtd/recipe.ts";
import { stepPairs } from "../../lib/rtd/pairs.ts";
import { random } from "../../lib/tensors/random.ts";
import { epochSampler, type EpochState } from "../../lib/training/epoch_sampler.ts";
import { cleanText } from "../../lib/triplets/triplet.ts";

const triplets = [
  { reference: "A <PERSON> with $5 ", conditioning: "is Red", target: "a person in red" },
  { reference: "a cat", conditioning: "is a dog", target: "a dog" },
];

Deno.test("a refined step asks each image's query beside its composed one", () => {
  assertEquals(stepPairs(triplets, "phi", true), {
    references: ["a person with 5", "a cat"],
    composed: {
      queries: ["a photo of [$] that is red", "a photo of [$] that is a dog"],
      targets: ["a person in red", "a dog"],
    },
    refined: { queries: ["a photo of [$]", "a photo of [$]"], targets: ["a person with 5", "a cat"] },
  });
});

Deno.test("the ablated concatenations write the words out", () => {
  assertEquals(stepPairs(triplets, "plain", true).composed.queries[1], "a cat, is a dog");
  assertEquals(stepPairs(triplets, "plain", true).refined!.queries, ["a person with 5", "a cat"]);
  assertEquals(stepPairs(triplets, "none", false).composed.queries, ["is red", "is a dog"]);
  assertEquals(stepPairs(triplets, "none", false).refined, undefined);
  assertThrows(() => stepPairs([], "phi", true), Error, "there are no triplets");
});

Deno.test("texts are cleaned as published", () => {
  assertEquals(cleanText(null), "");
  assertEquals(cleanText(" The <PERSON> $ pays "), "the person  pays");
});

Deno.test("noise has one scale a row, uniform below the given one", async () => {
  await useDevice("wasm");
  const rows = await drawNoise(400, 64, 0.5, random(1)).array();
  const scales = rows.map((row) => Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length));
  const mean = scales.reduce((a, b) => a + b) / scales.length;
  assert(Math.max(...scales) < 0.75 && Math.abs(mean - 0.25) < 0.03, `mean ${mean}`);
});

Deno.test("without noise a pseudo-word is phi of the reference; with it, it moves", async () => {
  await useDevice("wasm");
  const phi: Phi = {
    method: "test",
    input: "unit variance",
    provenance: {},
    weights: initialPhi("gelu", { embedding: 4, hiddenWidth: 8, token: 6 }, random(1)),
  };
  const references = tf.tensor2d([[1, 2, 3, 4], [-1, 0, 1, 0]]);
  const plain = await noisyPseudoTokens(phi, references, 0, random(2)).data();
  assertEquals(plain, await applyPhi(phi, phiInput(references, phi.input)).data());
  const moved = await noisyPseudoTokens(phi, references, 0.5, random(2)).data();
  assertEquals(moved, await noisyPseudoTokens(phi, references, 0.5, random(2)).data());
  assert(moved.some((value: number, i: number) => value !== plain[i]));
  // Unit variance: rows of length sqrt(P).
  const lengths = await tf.norm(phiInput(references, "unit variance"), 2, 1).data();
  for (const length of lengths) assert(Math.abs(length - 2) < 1e-5);
});

Deno.test("the paper's recipe is the published one, and unknown choices are refused", () => {
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

Deno.test("parts of the encoder are told apart by name", () => {
  const names = [
    "text_model.embeddings.token_embedding.weight",
    "text_model.encoder.layers.1.mlp.fc1.bias",
    "text_model.encoder.layers.2.mlp.fc1.bias",
    "text_model.final_layer_norm.weight",
    "text_projection.weight",
  ];
  const moving = (part: Parameters<typeof isTrainable>[1]) => names.map((name) => isTrainable(name, part, 3));
  assertEquals(moving("all"), [true, true, true, true, true]);
  assertEquals(moving("all but embeddings"), [false, true, true, true, true]);
  assertEquals(moving("last block"), [false, false, true, true, true]);
});

Deno.test("the epoch sampler deals every triplet once an epoch and goes on from its state", () => {
  const list = Array.from({ length: 5 }, (_, i) => ({ reference: `${i}`, conditioning: "", target: "" }));
  const sampler = epochSampler(list, 3);
  const first = sampler.next(5).map(({ reference }) => reference);
  assertEquals([...first].sort(), ["0", "1", "2", "3", "4"]);
  const drawn = sampler.next(3);
  const state = JSON.parse(JSON.stringify(sampler.state())) as EpochState;
  assertEquals(epochSampler(list, state).next(9), sampler.next(9));
  assertEquals(new Set(drawn.map(({ reference }) => reference)).size, 3);
  assertThrows(() => epochSampler([], 1), Error, "the list is empty");
});
