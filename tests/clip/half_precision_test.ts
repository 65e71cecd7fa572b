import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { clipInHalf, modelInHalf, roundToHalf } from "../../lib/clip/files/half_precision.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import * as tf from "../../lib/tensors/tf.ts";

await useDevice("wasm");

Deno.test("roundToHalf: weights are those of IEEE's half precision, in 32 bits, and one that is too large is named", async () => {
  // As torch.tensor([...]).half().float() gives them.
  const weights = { a: tf.tensor1d([0.1, 1 / 3, 2049, 2051, -1e-8, 65504, 6e-8]), b: tf.scalar(1e5) };
  const before = tf.memory().numTensors;
  const { a } = await roundToHalf({ a: weights.a });
  assertEquals([...await a.data()], [0.0999755859375, 0.333251953125, 2048, 2052, -0, 65504, 5.960464477539063e-8]);
  assertEquals(a.dtype, "float32");
  a.dispose();
  await assertRejects(() => roundToHalf(weights), Error, 'failed: "b" holds a weight beyond 65504; leave --half out.');
  assertEquals(tf.memory().numTensors, before);
  tf.dispose(weights);
});

Deno.test("clipInHalf, modelInHalf: the rounded model has a hash and an identity of its own, and the old one is freed", async () => {
  const clip = await loadClip(embeddedModelFolder("small")), before = tf.memory().numTensors;
  const name = "text_projection.weight", old = await clip.weights[name].data();
  const half = await clipInHalf(clip), values = await half.weights[name].data();
  assertEquals(tf.memory().numTensors, before);
  assertEquals([...values], [...Float16Array.from(old)]);
  assert(half.hash !== clip.hash && half.identity !== clip.identity);
  const model = await modelInHalf({ weights: { x: tf.scalar(0.1) }, hash: "h", kept: 7 });
  assertEquals([model.kept, model.hash.length, (await model.weights.x.data())[0]], [7, 64, 0.0999755859375]);
  tf.dispose([half.weights, model.weights]);
});
