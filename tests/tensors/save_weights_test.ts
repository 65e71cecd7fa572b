/** Weights that are written one tensor at a time. */
import { assertEquals, assertRejects } from "@std/assert";
import { writeSafetensors } from "../../lib/io/safetensors.ts";
import { saveWeights } from "../../lib/tensors/save_weights.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights, readArrays } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";

eachBackend("saveWeights: the bytes are those of writeSafetensors, in both sizes of numbers", async () => {
  const before = tf.memory().numTensors;
  const weights = {
    "z.weight": tf.randomNormal([7, 3], 0, 1, "float32", 1),
    "a.bias": tf.tensor1d([0.1, -2, 3e-5]),
    steps: tf.tensor1d([1, -7, 2 ** 30], "int32"),
    scale: tf.scalar(2.5),
    none: tf.zeros([0, 4]),
  };
  const folder = `${await Deno.makeTempDir()}/new`,
    path = `${folder}/w.safetensors`,
    metadata = { format: "pt", note: "Größe" };
  for (const floats of ["F32", "F16"] as const) {
    await saveWeights(path, weights, { metadata, floats });
    assertEquals(await Deno.readFile(path), writeSafetensors(await readArrays(weights), metadata, floats));
  }
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["w.safetensors"]);
  disposeWeights(weights);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("saveWeights: a tensor that cannot be read leaves what was there", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/w.safetensors`;
  await Deno.writeTextFile(path, "old");
  const unreadable = { dtype: "float32", shape: [1], data: () => Promise.reject(new Error("device lost")) };
  await assertRejects(
    () => saveWeights(path, { one: unreadable as unknown as tf.Tensor }),
    Error,
    "device lost",
  );
  assertEquals(await Deno.readTextFile(path), "old");
  assertEquals([...Deno.readDirSync(folder)].length, 1);
});
