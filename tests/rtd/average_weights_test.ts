import { assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { averageWeights } from "../../lib/rtd/average_weights.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";
import { valuesOf } from "./small_training.ts";

eachBackend(
  "averageWeights: each weight lies between the two, at 0 and 1 it is one of them, and nothing is left",
  async () => {
    const before = tf.memory().numTensors;
    const frozen = { matrix: tf.tensor2d([[1, 2], [3, 4]]), bias: tf.tensor1d([8]), image: tf.tensor1d([1]) };
    const tuned = { matrix: tf.tensor2d([[5, 2], [-1, 6]]), bias: tf.tensor1d([0.1]) };
    // Exact in binary: quarters of whole numbers.
    const quarter = averageWeights(frozen, { matrix: tuned.matrix }, 0.25);
    assertEquals(await valuesOf(quarter), { matrix: new Float32Array([2, 2, 2, 4.5]) });
    assertEquals(quarter.matrix.shape, [2, 2]);
    const [none, whole] = [0, 1].map((share) => averageWeights(frozen, tuned, share));
    assertEquals(await valuesOf(none), await valuesOf({ matrix: frozen.matrix, bias: frozen.bias }));
    assertEquals(await valuesOf(whole), await valuesOf(tuned));
    assertEquals(await valuesOf({ bias: tuned.bias }), { bias: new Float32Array([0.1]) });
    [frozen, tuned, quarter, none, whole].forEach(disposeWeights);
    assertEquals(tf.memory().numTensors, before);
  },
);

Deno.test("averageWeights: a share outside 0 to 1, a missing weight and one of another shape are refused", async () => {
  await useDevice("wasm");
  const frozen = { bias: tf.tensor1d([1, 2]) }, longer = { bias: tf.tensor1d([1, 2, 3]) };
  const refused: [() => void, string][] = [
    [() => averageWeights(frozen, frozen, 1.1), "share is 1.1, expected a number from 0 to 1."],
    [() => averageWeights(frozen, frozen, NaN), "share is NaN, expected a number from 0 to 1."],
    [() => averageWeights({}, frozen, 0.5), 'Looking up the weight "bias" failed'],
    [
      () => averageWeights(frozen, longer, 0.5),
      "Averaging weights failed: bias is [2] in the frozen encoder and [3] in the fine-tuned one; name the CLIP that " +
      "was fine-tuned.",
    ],
  ];
  for (const [average, sentence] of refused) assertThrows(average, Error, sentence);
  [frozen, longer].forEach(disposeWeights);
});
