/** The NVIDIA GPUs of this machine, as their driver tells them, and why one cannot be used. */
import type { AddonState } from "../../lib/backend/tensorflow.ts";

/** One GPU. */
export interface Gpu {
  index: number;
  name: string;
  driver: string;
  /** Bytes. */
  memory: number;
  /** Bytes that nobody uses. */
  free: number;
  /** Compute capability, such as 9.0. */
  capability: number;
}

/** Asks the driver; undefined where there is no program of that name, or it fails. */
export type Ask = (command: string, args: string[]) => Promise<string | undefined>;

/** Oldest driver with the CUDA 12 that TensorFlow's wheel brings, and the least capability that it has code for. */
const oldestDriver = "525.60.13", leastCapability = 6.0;

const fields = ["index", "name", "driver_version", "memory.total", "memory.free", "compute_cap"];

/** Lists the GPUs; none where "nvidia-smi" does not answer. @throws {Error} if it answers in another form */
export async function findGpus(ask: Ask): Promise<Gpu[]> {
  const text = await ask("nvidia-smi", [`--query-gpu=${fields}`, "--format=csv,noheader,nounits"]);
  return (text ?? "").split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [index, name, driver, memory, free, capability] = line.split(",").map((part) => part.trim());
    const gpu = {
      ...{ index: Number(index), name, driver },
      memory: Number(memory) * 2 ** 20,
      free: Number(free) * 2 ** 20,
      capability: Number(capability),
    };
    const numbers = [gpu.index, gpu.memory, gpu.free, gpu.capability];
    if (numbers.every(Number.isFinite) && /^\d+(\.\d+)*$/.test(driver)) return gpu;
    throw new Error(
      `Looking for GPUs failed: nvidia-smi answered "${line}", expected ${
        fields.join(", ")
      }; update the NVIDIA driver.`,
    );
  });
}

/** What CUDA can be checked on. */
export type CudaChoice = { gpu: Gpu; note?: string } | { leftOut: string };

/**
 * Chooses the GPU for CUDA.
 *
 * @param wanted index of a GPU; by default the first
 * @returns it, with a sentence if there are others; or a sentence that says why CUDA is left out, and what to do
 */
export async function chooseCuda(ask: Ask, addon: AddonState, wanted?: number): Promise<CudaChoice> {
  const gpus = await findGpus(ask);
  if (gpus.length === 0) {
    return {
      leftOut: 'CUDA is left out: "nvidia-smi" does not answer, so there is no NVIDIA GPU, or no driver for it.',
    };
  }
  const list = gpus.map(({ index, name }) => `${index} (${name})`).join(", ");
  const gpu = wanted === undefined ? gpus[0] : gpus.find(({ index }) => index === wanted);
  if (!gpu) return { leftOut: `CUDA is left out: there is no GPU ${wanted}; --gpu takes one of ${list}.` };
  if (older(gpu.driver, oldestDriver)) {
    return {
      leftOut: `CUDA is left out: the NVIDIA driver ${gpu.driver} is too old for TensorFlow's CUDA 12, which needs ` +
        `${oldestDriver} or newer; update the driver.`,
    };
  }
  if (gpu.capability < leastCapability) {
    return {
      leftOut:
        `CUDA is left out: the ${gpu.name} has compute capability ${gpu.capability.toFixed(1)}, TensorFlow needs ` +
        `${leastCapability.toFixed(1)} or more; use --device webgpu.`,
    };
  }
  if (!addon.ready || !addon.receipt.cuda) {
    const why = addon.ready ? "the TensorFlow add-on is set up for the CPU" : addon.why;
    return { leftOut: `CUDA is left out: ${why}; run "deno task setup --cuda".` };
  }
  const note = `There are ${gpus.length} GPUs, ${list}; ${gpu.index} is checked, --gpu takes another.`;
  return { gpu, ...(gpus.length > 1 ? { note } : {}) };
}

/** Whether a version such as "470.82.01" is older than another. */
function older(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(".").map(Number));
  const first = b.findIndex((part, i) => part !== (a[i] ?? 0));
  return first >= 0 && (a[first] ?? 0) < b[first];
}
