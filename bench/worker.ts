/**
 * One process that trains with the real `trainRtd` and takes a step when it is told to: `worker.ts SETTING`, a JSON of
 * {@linkcode WorkerSetting}; then a line on the standard input for each {@linkcode Order}, answered by one.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { describeDevice, useDevice } from "../lib/backend/device.ts";
import { loadClip } from "../lib/clip/files/model_folder.ts";
import { loadPhi } from "../lib/projection/phi_file.ts";
import { changeRecipe, paperRecipe } from "../lib/rtd/recipe.ts";
import { trainRtd } from "../lib/rtd/train.ts";
import * as tf from "../lib/tensors/tf.ts";
import { kernelTimes, recordKernels } from "./kernels.ts";
import { bestProduct } from "./matrix_product.ts";
import { peakResident } from "./process_memory.ts";
import type { BenchSteps } from "./steps.ts";
import { watchTensorBytes } from "./tensor_bytes.ts";
import type { Order, Ready, Taken, WorkerSetting } from "./workers.ts";

const setting: WorkerSetting = JSON.parse(Deno.args[0]);
// What libraries print must not be taken for an answer.
const answer = (value: unknown) => Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
console.log = console.info = console.error;

const device = await useDevice(setting.device), bytes = watchTensorBytes();
await tf.zeros([1]).data();
const before = await peakResident(), started = performance.now();
const clip = await loadClip(setting.folder, { towers: "text" });
const load = (performance.now() - started) / 1000;
const phi = await loadPhi(clip, `${setting.folder}/phi.safetensors`);
const { steps, known }: BenchSteps = JSON.parse(await Deno.readTextFile(setting.steps));
const tower = 4 * Object.values(clip.weights).reduce((sum, { size }) => sum + size, 0);
answer(
  {
    device: describeDevice(device),
    gpu: device.gpu,
    load,
    tower,
    loadPeak: await peakResident() - before,
  } satisfies Ready,
);

const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const stop = new AbortController();
const recorder = setting.kernels === undefined ? undefined : recordKernels();
let step = 0, from = 0, cpu = process.cpuUsage();

/** Answers what needs no step, until one is asked for, or the input ends. */
async function nextStep(): Promise<void> {
  for (;;) {
    const { value, done } = await orders.next();
    if (done) return stop.abort();
    const order: Order = JSON.parse(value);
    if (order.do === "product") {
      answer(await bestProduct(device.gpu));
      continue;
    }
    step = order.step;
    recorder?.start();
    bytes.reset();
    [from, cpu] = [performance.now(), process.cpuUsage()];
    return;
  }
}

await nextStep();
if (!stop.signal.aborted) {
  await trainRtd({
    clip,
    phi,
    triplets: Object.assign(() => ({ next: () => steps[step].triplets, state: () => 0 }), { texts: () => known }),
    recipe: changeRecipe(paperRecipe, { steps: 1e9, batch: setting.batch }),
    encoder: setting.encoder,
    recompute: setting.recompute,
    signal: stop.signal,
    onStep: async ({ loss, textWeights }) => {
      // Reading a number of the last update waits for it on devices that compute behind our back.
      const number = tf.slice(textWeights["text_projection.weight"], [0, 0], [1, 1]);
      await number.data();
      number.dispose();
      const seconds = (performance.now() - from) / 1000, { user, system } = process.cpuUsage(cpu);
      const taken: Taken = {
        seconds,
        cpu: (user + system) / 1e6,
        loss,
        peak: await peakResident(),
        tensorPeak: bytes.peak(),
        tensors: tf.memory().numTensors,
      };
      if (recorder) taken.kernels = await kernelTimes(recorder.stop(), { seconds: setting.kernels! });
      answer(taken);
      await nextStep();
    },
  });
}
Deno.exit(0);
