import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { clipGradientNorm } from "../../lib/tensors/gradients.ts";
import { rateFactor } from "../../lib/training/schedule.ts";
import { eachBackend } from "../backends.ts";
import { assertNear, type Golden, readGolden, tensorOf } from "../golden.ts";

interface Case {
  settings: { lr: number; weight_decay: number; betas?: [number, number] };
  start: Record<string, Golden>;
  gradients: Record<string, Golden>[];
  end: Record<string, Golden>;
}

const { cases } = readGolden<{ cases: Case[] }>("adamw.json");
const tensors = (group: Record<string, Golden>) =>
  Object.fromEntries(Object.entries(group).map(([name, golden]) => [name, tensorOf(golden)]));

eachBackend("adamWStep: ten steps equal torch.optim.AdamW, gradients shrinking ten orders of magnitude", async () => {
  for (const { settings, start, gradients, end } of cases) {
    const parameters = tensors(start), state = adamWState(parameters);
    const [beta1, beta2] = settings.betas ?? [0.9, 0.999];
    const options = { ...adamWDefaults, learningRate: settings.lr, weightDecay: settings.weight_decay, beta1, beta2 };
    for (const gradient of gradients) adamWStep(parameters, tensors(gradient), state, options);
    // 1e-6: a few units in the last place of a 32-bit float over ten steps.
    for (const [name, golden] of Object.entries(end)) await assertNear(name, parameters[name], golden, 1e-6);
    assertEquals(state.step, 10);
  }
});

Deno.test("adamWStep: frees what it replaces and names a parameter without gradient", async () => {
  await useDevice("wasm");
  const parameters = { a: tf.ones([3]) }, gradient = { a: tf.ones([3]) }, state = adamWState(parameters);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 5; i++) adamWStep(parameters, gradient, state, adamWDefaults);
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => adamWStep(parameters, {}, state, adamWDefaults), Error, '"a" has no gradient');
});

Deno.test("clipGradientNorm: gradients are clipped to a joint length, and shorter ones left alone", async () => {
  await useDevice("wasm");
  const clipped = clipGradientNorm({ a: tf.tensor1d([3, 0]), b: tf.tensor1d([0, 4]) }, 1);
  const values = [...await clipped.a.data(), ...await clipped.b.data()];
  [0.6, 0, 0, 0.8].forEach((expected, i) => assert(Math.abs(values[i] - expected) < 1e-6));
  const short = clipGradientNorm({ a: tf.tensor1d([0.3]) }, 1);
  assert(Math.abs((await short.a.data())[0] - 0.3) < 1e-7);
});

Deno.test("rateFactor: rates rise, stay, or fall along half a cosine", () => {
  assertEquals(rateFactor({ warmup: 4, shape: "constant" }, 0, 10), 0.25);
  assertEquals(rateFactor({ warmup: 4, shape: "constant" }, 9, 10), 1);
  assertEquals(rateFactor({ warmup: 0, shape: "cosine" }, 0, 10), 1);
  assert(Math.abs(rateFactor({ warmup: 0, shape: "cosine" }, 5, 10) - 0.5) < 1e-12);
});
