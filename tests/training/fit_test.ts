import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { backendName } from "../../lib/backend/backend_name.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { adamWDefaults } from "../../lib/training/adamw.ts";
import { fit, type FitTask } from "../../lib/training/fit.ts";
import { random, type RandomState } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";

/** A made problem with a joint gradient norm, so that even the order of the parameters tells. */
function problem(steps: number, changes: Partial<FitTask<RandomState>> = {}): FitTask<RandomState> {
  let rng = random(1);
  const sizes = { zebra: 700, apple: 900, pear: 500, bias: 300 };
  return {
    title: "Fitting",
    configuration: { problem: "made" },
    options: {
      steps,
      optimizer: { ...adamWDefaults, learningRate: 0.01 },
      schedule: { warmup: 2, shape: "cosine" },
      clipNorm: 0.1,
    },
    initial: () =>
      Object.fromEntries(
        Object.entries(sizes).map(([name, size]) => [
          name,
          tf.tensor1d(Float32Array.from({ length: size }, () => rng.normal())),
        ]),
      ),
    source: {
      next() {
        const target = tf.scalar(rng.normal());
        return Promise.resolve({
          loss: (w: Weights) =>
            tf.addN(
              Object.values(w).map((p, i) => tf.mean(tf.square(tf.sub(tf.mul(p, 1 + i / 3), target)))),
            ) as tf.Scalar,
          constants: [target],
        });
      },
      state: () => rng.state(),
      restore: (state) => rng = random(state),
    },
    ...changes,
  };
}

const valuesOf = async (weights: Weights) =>
  Object.fromEntries(
    await Promise.all(Object.entries(weights).map(async ([name, tensor]) => [name, await tensor.data()])),
  );

eachBackend("fit: a run with a clipped gradient norm goes on bit for bit, its parameters in their order", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const straight = await fit(problem(12));
  const stop = new AbortController();
  const onStep: FitTask<RandomState>["onStep"] = ({ step }) => step === 5 ? stop.abort() : undefined;
  const half = await fit({ ...problem(12), checkpoint, signal: stop.signal, onStep });
  assertEquals(half.steps, 5);
  const resumed = await fit({ ...problem(12), checkpoint, resume: true });
  assertEquals(resumed.losses, straight.losses);
  assertEquals(Object.keys(resumed.parameters), ["zebra", "apple", "pear", "bias"]);
  assertEquals(await valuesOf(resumed.parameters), await valuesOf(straight.parameters));
  [straight, half, resumed].forEach(({ parameters }) => disposeWeights(parameters));
  await Deno.remove(folder, { recursive: true });
});

eachBackend(
  "fit: checkpoints come in time, what decays and what follows a step is as asked, and nan is an error",
  async () => {
    const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
    let written = 0;
    const run = await fit({
      ...problem(3, { afterStep: (w) => void (w.bias.shape[0] === 300 && written++) }),
      checkpoint,
      saveEvery: 0,
      onStep: async ({ step }) => {
        const there = await Deno.stat(checkpoint).then(() => true, () => false);
        assertEquals(there, step > 1);
      },
    });
    assertEquals(written, 3);
    const decay = { ...problem(1).options, optimizer: { ...adamWDefaults, learningRate: 0.5, weightDecay: 0.9 } };
    const all = await fit(problem(1, { options: decay }));
    const none = await fit(problem(1, { options: decay, decays: (name, p) => name !== "bias" && p.rank === 0 }));
    const [a, b] = [await all.parameters.bias.data(), await none.parameters.bias.data()];
    assert(a.some((value: number, i: number) => Math.abs(value - b[i]) > 0.01));
    [run, all, none].forEach(({ parameters }) => disposeWeights(parameters));
    const broken = problem(2);
    const source: typeof broken.source = {
      ...broken.source,
      async next() {
        const step = await broken.source.next();
        return { ...step, loss: (w) => tf.mul(step.loss(w), NaN) as tf.Scalar };
      },
    };
    await assertRejects(
      () => fit({ ...broken, source }),
      Error,
      "Fitting failed at step 1: the loss is NaN; lower the",
    );
    await Deno.remove(folder, { recursive: true });
  },
  ["webgpu"],
);

eachBackend("fit: an error of any kind frees every tensor of the run", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const constant = { ...problem(2).options, schedule: { warmup: 0, shape: "constant" as const } };
  disposeWeights((await fit({ ...problem(2), options: constant, checkpoint })).parameters);
  const failing = () => {
    throw new Error("stopped");
  };
  const loss = () => Promise.resolve({ loss: failing, constants: [tf.scalar(1)] });
  const cases: [Partial<FitTask<RandomState>>, string][] = [
    [{ onStep: failing }, "stopped"],
    [{ source: { ...problem(2).source, next: failing } }, "stopped"],
    [{ source: { ...problem(2).source, next: loss } }, "stopped"],
    [{ afterStep: failing }, "stopped"],
    [{ options: { ...constant, steps: 1 }, checkpoint, resume: true }, "the checkpoint has 2 steps done"],
  ];
  for (const [changes, message] of cases) {
    const before = tf.memory().numTensors;
    await assertRejects(async () => await fit(problem(3, changes)), Error, message);
    assertEquals(tf.memory().numTensors, before, JSON.stringify(Object.keys(changes)));
  }
  await Deno.remove(folder, { recursive: true });
}, ["webgpu", "tensorflow"]);

eachBackend("fit: the device of a run is named as caches name it, a GPU of TensorFlow's included", async () => {
  const backend = tf.backend() as { isUsingGpuDevice?: boolean }, own = backend.isUsingGpuDevice;
  try {
    for (const gpu of [false, true]) {
      backend.isUsingGpuDevice = gpu;
      const { devices, parameters } = await fit(problem(1));
      assertEquals(devices, [`${backendName()}, ${navigator.hardwareConcurrency} CPU threads`]);
      assertEquals(devices[0].includes("GPU"), gpu);
      disposeWeights(parameters);
    }
  } finally {
    backend.isUsingGpuDevice = own;
  }
}, ["webgpu", "tensorflow"]);

eachBackend("fit: a checkpoint of another configuration is refused with its values cut", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const long = { problem: "made", note: "x".repeat(100_000) };
  disposeWeights((await fit({ ...problem(1), configuration: long, checkpoint })).parameters);
  const { message } = await assertRejects(
    () => fit({ ...problem(1), checkpoint, resume: true }),
    Error,
    'was made with note = "xxxx',
  );
  assertEquals([message.length < 500, message.includes("requested is undefined;")], [true, true]);
  await Deno.remove(folder, { recursive: true });
}, ["webgpu", "tensorflow"]);

eachBackend(
  "fit: a checkpoint of another backend's optimizer goes on to the same losses and weights",
  async (backend) => {
    const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
    await useDevice("wasm");
    const straight = await fit(problem(12)), expected = await valuesOf(straight.parameters);
    const stop = new AbortController();
    const onStep: FitTask<RandomState>["onStep"] = ({ step }) => step === 5 ? stop.abort() : undefined;
    disposeWeights((await fit({ ...problem(12), checkpoint, signal: stop.signal, onStep })).parameters);
    disposeWeights(straight.parameters);
    await useDevice(backend);
    const { parameters, losses, devices } = await fit({ ...problem(12), checkpoint, resume: true });
    assertEquals(devices.map((device) => device.split(",")[0]), ["wasm", "tensorflow"]);
    // 1e-6: a few units in the last place of a 32-bit float over seven steps.
    losses.forEach((loss, i) =>
      assert(Math.abs(loss - straight.losses[i]) <= 1e-6 * straight.losses[i], `step ${i + 1}`)
    );
    for (const [name, found] of Object.entries(await valuesOf(parameters))) {
      (found as Float32Array).forEach((value, i) =>
        assert(Math.abs(value - expected[name][i]) <= 1e-6, `${name} ${i}`)
      );
    }
    disposeWeights(parameters);
    await Deno.remove(folder, { recursive: true });
  },
  ["wasm", "webgpu"],
);

eachBackend(
  "fit: the norm of the gradients is told before they are clipped, and a checkpoint is written on demand",
  async () => {
    const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
    const norms: (number | undefined)[] = [], written: boolean[] = [];
    const task = problem(3);
    const source: typeof task.source = {
      ...task.source,
      // The gradient of each parameter is 2: the norm over 2400 numbers is 2 sqrt(2400).
      next: () =>
        Promise.resolve({
          loss: (w) => tf.addN(Object.values(w).map((p) => tf.mul(tf.sum(p), 2))) as tf.Scalar,
          constants: [],
        }),
    };
    const observed = await fit({
      ...task,
      source,
      checkpoint,
      saveEvery: 1000,
      gradientNorm: true,
      onStep({ step, gradientNorm }) {
        norms.push(gradientNorm);
        written.push(Deno.readDirSync(folder).some(({ name }) => name === "c.safetensors"));
        return step === 1;
      },
    });
    assertEquals(written, [false, true, true]);
    for (const norm of norms) assert(Math.abs(norm! - 2 * Math.sqrt(2400)) < 1e-4, `${norms}`);
    const plain = await fit({
      ...problem(3),
      source,
      onStep: ({ gradientNorm }) => void assertEquals(gradientNorm, undefined),
    });
    assertEquals(await valuesOf(observed.parameters), await valuesOf(plain.parameters));
    [observed, plain].forEach(({ parameters }) => disposeWeights(parameters));
    await Deno.remove(folder, { recursive: true });
  },
);

eachBackend("fit: a last step that destroys the weights is an error, although its own loss was finite", async () => {
  const before = tf.memory().numTensors, folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  const huge = problem(1);
  huge.options = { ...huge.options, optimizer: { ...adamWDefaults, learningRate: 1e39 }, clipNorm: undefined };
  huge.options.schedule = { warmup: 0, shape: "constant" };
  for (const control of [{}, { checkpoint }]) {
    await assertRejects(
      () => fit({ ...huge, ...control }),
      Error,
      "Fitting failed at step 1: its update made weights that are not finite; lower the learning rate.",
    );
  }
  assertEquals(tf.memory().numTensors, before);
  assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".safetensors")), []);
  await Deno.remove(folder, { recursive: true });
});
