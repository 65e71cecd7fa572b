import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { type AdamTensors, tensorflowAdam } from "../../lib/backend/tensorflow_adam.ts";
import { eachBackend } from "../backends.ts";

const numbers = { step: 1, learningRate: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 0 };

interface NativeBackend {
  binding: Record<string, number>;
  getNumOfTFTensors(): number;
  executeMultipleOutputs(name: string, attributes: unknown[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}
const native = () => tf.backend() as unknown as NativeBackend;

/** Tensors of an update that TensorFlow made itself, as every update's are but the first. */
function tensors(): AdamTensors {
  return { parameter: tf.fill([4], 2), first: tf.zeros([4]), second: tf.zeros([4]) };
}

/** How many of the variables of an update TensorFlow still holds. */
function variables(): number {
  const backend = native(), { binding } = backend;
  return tf.tidy(() =>
    ["adam/parameter", "adam/first", "adam/second"].filter((name) => {
      const [handle] = backend.executeMultipleOutputs(
        "VarHandleOp",
        [
          { name: "dtype", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
          { name: "shape", type: binding.TF_ATTR_SHAPE, value: [] },
          { name: "shared_name", type: binding.TF_ATTR_STRING, value: name },
        ],
        [],
        1,
      );
      return backend.executeMultipleOutputs("VarIsInitializedOp", [], [handle], 1)[0].dataSync()[0] === 1;
    }).length
  );
}

const onTensorflow = (title: string, test: () => Promise<void>) => eachBackend(title, test, ["wasm", "webgpu"]);

onTensorflow("tensorflowAdam: a first step by hand", async () => {
  using adam = tensorflowAdam(numbers);
  const updated = adam.update(tensors(), tf.tensor1d([1, -2, 3, -4]));
  assertEquals([...await updated.parameter.data()], [1.5, 2.5, 1.5, 2.5]);
  assertEquals([...await updated.first.data()].map((m) => Math.round(m * 1e6) / 1e6), [0.1, -0.2, 0.3, -0.4]);
  assertEquals([...await updated.second.data()].map((v) => Math.round(v * 1e6) / 1e6), [0.001, 0.004, 0.009, 0.016]);
});

onTensorflow("tensorflowAdam: a clone, and the array that a tensor was made from, keep their values", async () => {
  const array = new Float32Array(64).fill(2);
  const made = tf.tensor1d(array), computed = tf.fill([64], 2), clone = tf.clone(computed);
  // TensorFlow takes over the array at the first operation.
  tf.add(made, 0);
  using adam = tensorflowAdam(numbers);
  for (const parameter of [made, computed]) {
    const updated = adam.update({ parameter, first: tf.zeros([64]), second: tf.zeros([64]) }, tf.ones([64]));
    assertEquals([...await updated.parameter.data()], Array(64).fill(1.5));
  }
  assertEquals([...array], Array(64).fill(2));
  assertEquals([...await clone.data()], Array(64).fill(2));
});

onTensorflow("tensorflowAdam: no variable and no tensor stays in TensorFlow, after an error neither", () => {
  const gradient = tf.ones([4]), gone = tf.ones([4]);
  tf.dispose([gone, tf.add(gradient, 0)]);
  const held = () => [variables(), native().getNumOfTFTensors(), tf.memory().numTensors];
  const before = held();
  const step = (gradient: tf.Tensor) => {
    const replaced = tensors();
    using adam = tensorflowAdam(numbers);
    const { parameter, first, second } = adam.update(replaced, gradient);
    assertEquals(variables(), 3);
    tf.dispose([parameter, first, second]);
  };
  for (let i = 0; i < 3; i++) step(gradient);
  assertThrows(() => step(gone));
  assertEquals(held(), before);
  assertEquals(before[0], 0);
  return Promise.resolve();
});
