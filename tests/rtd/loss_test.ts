import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { clipLoss, normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import { rtdLoss } from "../../lib/rtd/loss.ts";
import { eachBackend } from "../backends.ts";
import { assertGradient, assertNear, type Golden, readGolden, tensorOf } from "../golden.ts";

interface Case {
  name: string;
  temperature: number;
  targets: Golden;
  queries: Golden;
  loss: number;
  targets_gradient: Golden;
  queries_gradient: Golden;
}

const { cases } = readGolden<{ cases: Case[] }>("rtd_loss.json");

for (const golden of cases) {
  eachBackend(`rtdLoss: loss and gradient equal PyTorch's: ${golden.name}`, async () => {
    const targets = tensorOf<tf.Tensor2D>(golden.targets), queries = tensorOf<tf.Tensor2D>(golden.queries);
    const { value, grads } = tf.valueAndGrads((t, q) =>
      rtdLoss(t as tf.Tensor2D, q as tf.Tensor2D, golden.temperature)
    )([targets, queries]);
    // 1e-5 and 1e-4: 32-bit logits of up to 1/tau = 100 carry errors of 1e-5 into exponents.
    await assertNear("loss", value, { shape: [], values: [golden.loss] }, 1e-5);
    await assertNear("gradient of targets", grads[0], golden.targets_gradient, 1e-4);
    await assertNear("gradient of queries", grads[1], golden.queries_gradient, 1e-4);
  });
}

eachBackend("rtdLoss: finite where the plain formula overflows", async () => {
  // exp(<v, v> / 0.01) = exp(100) is beyond a 32-bit float.
  const row = tf.tensor2d([[1, 0], [1, 0], [0, 1]]);
  const plain = await tf.exp(tf.div(tf.sum(tf.square(row)), 0.01)).data();
  assert(plain[0] === Infinity);
  const { value, grads } = tf.valueAndGrads((t, q) => rtdLoss(t as tf.Tensor2D, q as tf.Tensor2D, 0.01))([row, row]);
  for (const tensor of [value, ...grads]) assert((await tensor.data()).every(Number.isFinite));
});

Deno.test("clipLoss: the gradient is that of central differences", async () => {
  await useDevice("wasm");
  const b = normaliseRows(tf.tensor2d([[1, 2, 0], [0, 1, -1], [2, 0, 1]]));
  const x = tf.tensor2d([[0.3, 1, 0.2], [-0.5, 0.4, 1], [1, 0.1, 0.7]]);
  await assertGradient((x) => clipLoss(normaliseRows(x as tf.Tensor2D), b, 5), x);
});

Deno.test("rtdLoss: refuses shapes and temperatures that make no sense", async () => {
  await useDevice("wasm");
  const two = tf.zeros([2, 3]) as tf.Tensor2D, three = tf.zeros([3, 3]) as tf.Tensor2D;
  assertThrows(() => rtdLoss(two, three, 0.07), Error, "targets is [2,3] and queries [3,3]");
  assertThrows(() => rtdLoss(two, two, 0), Error, "temperature is 0, expected a positive number");
});
