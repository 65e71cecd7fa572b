/**
 * Which kernels of the device a step spends its time in. A step is recorded, kernel by kernel, with the shapes of its
 * inputs; then each distinct call is repeated alone, on made inputs, until its time can be read: a device that computes
 * behind our back tells no time of its own.
 */
import * as tf from "../lib/tensors/tf.ts";

/** One call of a kernel. */
interface Call {
  kernel: string;
  /** Shape and type of each input, by name. */
  inputs: Record<string, Like>;
  /** Whether the kernel takes a list, of which the names are the indices. */
  listed: boolean;
  attrs: tf.NamedAttrMap;
}

interface Like {
  shape: number[];
  dtype: tf.DataType;
}

/** The calls of one kind. */
interface Recorded extends Call {
  count: number;
}

/** The time of one kernel in a step. */
export interface KernelTime {
  kernel: string;
  /** Calls in the step. */
  calls: number;
  /** Seconds of all calls, one by one. */
  seconds: number;
  /** The shapes of its dearest call. */
  dearest: string;
}

/** A recording of kernel calls. */
export interface KernelRecorder {
  /** Begins a recording. */
  start(): void;
  /** Ends it, and returns the distinct calls. */
  stop(): Recorded[];
}

/** Wraps all kernels of the backend in use, so that their calls can be recorded; once a process, before any is used. */
export function recordKernels(): KernelRecorder {
  const backend = tf.getBackend();
  let calls: Map<string, Recorded> | undefined;
  for (const config of tf.getKernelsForBackend(backend)) {
    tf.unregisterKernel(config.kernelName, backend);
    tf.registerKernel({
      ...config,
      kernelFunc: (params) => {
        if (calls) {
          const call = { kernel: config.kernelName, ...likes(params.inputs), attrs: params.attrs ?? {} };
          const key = JSON.stringify(call), known = calls.get(key);
          if (known) known.count++;
          else calls.set(key, { ...call, count: 1 });
        }
        return config.kernelFunc(params);
      },
    });
  }
  return {
    start: () => void (calls = new Map()),
    stop() {
      const recorded = [...calls?.values() ?? []];
      calls = undefined;
      return recorded;
    },
  };
}

function likes(given: tf.NamedTensorInfoMap): Pick<Call, "inputs" | "listed"> {
  const inputs: Call["inputs"] = {};
  for (const [name, input] of Object.entries(given)) {
    if (input) inputs[name] = { shape: input.shape, dtype: input.dtype };
  }
  return { inputs, listed: Array.isArray(given) };
}

/** Times distinct calls, each for at least `seconds`, and sums them by kernel; the slowest comes first. */
export async function kernelTimes(
  recorded: readonly Recorded[],
  { seconds }: { seconds: number },
): Promise<KernelTime[]> {
  const idle = await readBack();
  const sums = new Map<string, KernelTime & { highest: number }>();
  for (const call of recorded) {
    const all = call.count * await timeOf(call, seconds, idle);
    const sum = sums.get(call.kernel) ?? { kernel: call.kernel, calls: 0, seconds: 0, dearest: "", highest: -1 };
    sum.calls += call.count;
    sum.seconds += all;
    if (all > sum.highest) [sum.highest, sum.dearest] = [all, `${shapesOf(call)}, ${call.count} times`];
    sums.set(call.kernel, sum);
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds)
    .map(({ kernel, calls, seconds, dearest }) => ({ kernel, calls, seconds, dearest }));
}

/** Seconds of one call, from as many as take `least` seconds; `idle` is what reading a number takes. */
async function timeOf({ kernel, inputs, listed, attrs }: Call, least: number, idle: number): Promise<number> {
  const make = ({ shape, dtype }: Like) =>
    dtype === "float32" ? tf.randomUniform(shape, 0.5, 1) : tf.zeros(shape, dtype);
  const made = Object.entries(inputs).map(([name, input]) => [name, make(input)] as const);
  const given = (listed ? made.map(([, tensor]) => tensor) : Object.fromEntries(made)) as tf.NamedTensorMap;
  const call = () => tf.engine().runKernel(kernel, given, attrs) as tf.Tensor | tf.Tensor[];
  const run = async (times: number) => {
    const started = performance.now();
    const last = tf.tidy(() => {
      for (let i = 1; i < times; i++) tf.tidy(() => void call());
      return firstNumber([call()].flat()[0]);
    });
    await last.data();
    last.dispose();
    return Math.max(0, (performance.now() - started) / 1000 - idle);
  };
  try {
    // The step has compiled it. Reading back may wait longer than the kernel runs: one call alone tells little.
    const some = 8, first = await run(some) / some, times = Math.min(400, Math.ceil(least / Math.max(first, 1e-6)));
    return times > some ? await run(times) / times : first;
  } finally {
    tf.dispose(made.map(([, tensor]) => tensor));
  }
}

/** Seconds that reading one number takes when nothing is computed. */
async function readBack(): Promise<number> {
  const zero = tf.zeros([1]), times: number[] = [];
  for (let i = 0; i < 4; i++) {
    const started = performance.now(), number = tf.tidy(() => firstNumber(zero));
    await number.data();
    number.dispose();
    times.push((performance.now() - started) / 1000);
  }
  zero.dispose();
  return Math.min(...times);
}

function firstNumber(x: tf.Tensor): tf.Tensor {
  return tf.slice(tf.reshape(x, [-1]), [0], [1]);
}

function shapesOf({ inputs }: Call): string {
  return Object.values(inputs).slice(0, 4).map(({ shape }) => `[${shape}]`).join(" x ");
}
