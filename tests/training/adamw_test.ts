import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { clipGradientNorm } from "../../lib/tensors/gradients.ts";
import { rateFactor } from "../../lib/training/schedule.ts";
import { eachBackend } from "../backends.ts";
import { assertNear, type Golden, readGolden, tensorOf } from "../golden.ts";

interface Case {
  settings: { lr: number; weight_decay: number; betas?: [number, number]; eps?: number; decay?: "all" | "matrices" };
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
    const { lr: learningRate, weight_decay: weightDecay, eps: epsilon = 1e-8, decay } = settings;
    const options = { learningRate, weightDecay, beta1, beta2, epsilon, decay };
    for (const gradient of gradients) adamWStep({ parameters, gradients: tensors(gradient), state, options });
    // 1e-6: a few units in the last place of a 32-bit float over ten steps.
    for (const [name, golden] of Object.entries(end)) await assertNear(name, parameters[name], golden, 1e-6);
    assertEquals(state.step, 10);
  }
});

eachBackend(
  "adamWStep: a zero gradient leaves what does not decay, and the rest shrinks by rate and decay",
  async () => {
    const start = { a: [1, -2, 0], b: [4, 0.3, -1e-20] };
    const cases: [weightDecay: number, a: number[]][] = [[0.5, [Math.fround(0.95), -Math.fround(1.9), 0]], [
      0,
      start.a,
    ]];
    for (const [weightDecay, a] of cases) {
      const parameters = { a: tf.tensor1d(start.a), b: tf.tensor1d(start.b) }, state = adamWState(parameters);
      const options = { ...adamWDefaults, learningRate: 9, weightDecay };
      const gradients = { a: tf.zeros([3]), b: tf.zeros([3]) };
      adamWStep({ parameters, gradients, state, options, learningRate: 0.1, decays: (name) => name === "a" });
      assertEquals([...await parameters.a.data()], a);
      assertEquals([...await parameters.b.data()], start.b.map(Math.fround));
      for (const moment of [...Object.values(state.first), ...Object.values(state.second)]) {
        assertEquals([...await moment.data()], [0, 0, 0]);
      }
    }
  },
);

eachBackend("adamWStep: without decay, a first step is as long as its rate, whatever the gradient", async () => {
  const parameters = { a: tf.tensor1d([1, 1, 1]) }, gradients = { a: tf.tensor1d([1e-3, -7, 1e4]) };
  adamWStep({ parameters, gradients, state: adamWState(parameters), options: { ...adamWDefaults, weightDecay: 0 } });
  // 2e-5 = epsilon 1e-8 beside a gradient of 1e-3, and half a unit in the last place of 1 beside a step of 1e-3.
  await assertNear("a", tf.sub(1, parameters.a), { shape: [3], values: [1e-3, -1e-3, 1e-3] }, 1e-4);
});

eachBackend("adamWStep: natively, one operation of TensorFlow updates each parameter", () => {
  interface Native {
    executeMultipleOutputs(...call: [name: string, ...rest: unknown[]]): unknown;
  }
  const backend = tf.backend() as unknown as Native, own = backend.executeMultipleOutputs, called: string[] = [];
  backend.executeMultipleOutputs = function (...call) {
    called.push(call[0]);
    return own.apply(this, call);
  };
  try {
    const parameters = { a: tf.ones([3]), b: tf.ones([2]) }, gradients = { a: tf.ones([3]), b: tf.ones([2]) };
    adamWStep({ parameters, gradients, state: adamWState(parameters), options: adamWDefaults });
  } finally {
    backend.executeMultipleOutputs = own;
  }
  assertEquals(called.filter((name) => name === "ResourceApplyAdam").length, 2);
  return Promise.resolve();
}, ["wasm", "webgpu"]);

eachBackend("adamWStep: frees what it replaces, in a tidy too", () => {
  const parameters = { a: tf.ones([3]) }, gradients = { a: tf.ones([3]) }, state = adamWState(parameters);
  const step = () => adamWStep({ parameters, gradients, state, options: adamWDefaults });
  const before = tf.memory();
  for (let i = 0; i < 5; i++) step();
  tf.tidy(step);
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  assertEquals([numTensors, numBytes, numDataBuffers], [before.numTensors, before.numBytes, before.numDataBuffers]);
  assertEquals([parameters.a.isDisposed, state.first.a.isDisposed, state.second.a.isDisposed], [false, false, false]);
  return Promise.resolve();
});

eachBackend("adamWStep: all parameters without a gradient of their shape are named, and nothing is changed", () => {
  const parameters = { a: tf.ones([3]), b: tf.ones([2, 2]), c: tf.ones([1]) }, state = adamWState(parameters);
  const before = { ...parameters };
  assertThrows(
    () => adamWStep({ parameters, gradients: { b: tf.ones([4]), c: tf.ones([1]) }, state, options: adamWDefaults }),
    Error,
    'Stepping AdamW failed: "a" has no gradient; "b" is [2,2], its gradient [4]; does the loss depend on',
  );
  assertEquals([state.step, parameters.a === before.a, parameters.c === before.c], [0, true, true]);
  return Promise.resolve();
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
