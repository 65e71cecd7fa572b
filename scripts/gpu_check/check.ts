/** The whole check: what is found on this machine, then one part after the other while there is time. */
import { addonState } from "../../lib/backend/tensorflow.ts";
import { answers } from "../python.ts";
import type { TowerName } from "../../bench/towers.ts";
import { runDemo } from "./demo.ts";
import type { Adapter } from "./find_adapter.ts";
import { type Ask, chooseCuda, findGpus, type Gpu } from "./find_gpus.ts";
import { cudaEnvironment, programsFor } from "./programs.ts";
import type { ParityResult } from "./parity_worker.ts";
import type { DeviceResult, GpuCheck } from "./result.ts";
import { measureSteps } from "./steps.ts";

/** What is checked. */
export interface CheckOptions {
  /** The devices that are asked for. */
  apis: readonly ("CUDA" | "WebGPU")[];
  towers: readonly TowerName[];
  batch: number;
  /** Index of the NVIDIA GPU. */
  gpu?: number;
  /** Minutes after which nothing more is begun, and what runs is ended. */
  minutes: number;
  /** Tiny sizes, a software driver is taken, and no demo: tries the check itself. */
  tiny: boolean;
  out: string;
  python: string;
  signal: AbortSignal;
  /** Called with what is being done. */
  onProgress: (note: string) => void;
  /** Called after each part with all that was found so far. */
  onFound: (check: GpuCheck) => Promise<void>;
  /** Asks a program; replaced in tests. */
  ask?: Ask;
}

/** Checks; a part that fails or is not done in time leaves a sentence. */
export async function checkGpus(options: CheckOptions): Promise<GpuCheck> {
  const { apis, tiny, minutes, signal, onFound, ask = answers } = options, started = performance.now();
  const check: GpuCheck = { task: "gpu-check", deno: Deno.version.deno, tiny, seconds: 0, devices: [], leftOut: [] };
  const late = AbortSignal.timeout(60_000 * minutes), ended = AbortSignal.any([signal, late]);
  const found = async () => {
    check.seconds = (performance.now() - started) / 1000;
    await onFound(check);
  };
  /** Runs a part; returns whether there is time for the next. */
  const part = async (device: DeviceResult, what: string, work: () => Promise<void>): Promise<void> => {
    if (late.aborted) return void device.leftOut.push(`${what} is left out: the ${minutes} minutes are over.`);
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) device.leftOut.push(`${what} was not done when the ${minutes} minutes were over.`);
      else device.failed.push((error as Error).message);
    }
    await found();
  };

  const cuda = await chooseCuda(ask, await addonState(), options.gpu);
  if (apis.includes("CUDA")) {
    if ("leftOut" in cuda) check.leftOut.push(cuda.leftOut);
    else {await checkDevice(
        cudaDevice(cuda.gpu, cuda.note),
        { ...options, gpu: cuda.gpu.index, signal: ended },
        cuda.gpu,
        part,
        check,
      );}
  }
  if (apis.includes("WebGPU")) {
    const adapter = await findAdapter(ended);
    if (typeof adapter === "string") check.leftOut.push(adapter);
    else if (!adapter.gpu && !tiny) {
      check.leftOut.push(
        `WebGPU is left out: ${adapter.name} computes on the CPU; --tiny tries the check itself on it.`,
      );
    } else {
      const device: DeviceResult = { api: "WebGPU", name: adapter.name, steps: [], leftOut: [], failed: [] };
      const gpu = "gpu" in cuda ? cuda.gpu : (await findGpus(ask).catch(() => []))[0];
      await checkDevice(device, { ...options, signal: ended }, gpu, part, check);
    }
  }
  await found();
  return check;
}

function cudaDevice({ name, driver, memory }: Gpu, note: string | undefined): DeviceResult {
  return { api: "CUDA", name, driver, memory, steps: [], leftOut: note ? [note] : [], failed: [] };
}

/** Checks one device. @param gpu the NVIDIA GPU that can be asked for its memory */
async function checkDevice(
  device: DeviceResult,
  { towers, batch, tiny, out, python, signal, onProgress, ask = answers }: CheckOptions,
  gpu: Gpu | undefined,
  part: (device: DeviceResult, what: string, work: () => Promise<void>) => Promise<void>,
  check: GpuCheck,
): Promise<void> {
  const { api } = device, backend = api === "CUDA" ? "tensorflow" : "webgpu";
  check.devices.push(device);
  const env = api === "CUDA" ? cudaEnvironment(gpu!.index, { tf32: false }) : {};
  await part(device, "Parity", async () => {
    onProgress(`${api}: parity with PyTorch`);
    device.parity = await parity(backend, { env, signal, variants: tiny ? "quick_gelu" : undefined });
  });
  if (tiny) device.leftOut.push("The demo is left out at tiny size.");
  else {
    await part(device, "The demo", async () => {
      onProgress(`${api}: the demo`);
      device.demo = await runDemo({ device: backend, out: `${out}/demo-${backend}`, env, signal });
    });
  }
  const pytorch = api === "CUDA" && await seesCuda(python, ask);
  if (api === "CUDA" && !pytorch) {
    device.leftOut.push(`PyTorch is left out: ${python} has none that sees the GPU; "deno task reference" makes one.`);
  }
  const programs = programsFor(api, { gpu: gpu?.index, pytorch });
  const used = async () => {
    if (!gpu) return undefined;
    const now = (await findGpus(ask)).find(({ index }) => index === gpu.index);
    return now && now.memory - now.free;
  };
  for (const [i, tower] of towers.entries()) {
    await part(device, `The step of ${tower}`, () =>
      measureSteps({
        ...{ api, tower, batch, programs, used, python, signal },
        kernels: i > 0 ? undefined : tiny ? 0.001 : 0.02,
        rounds: tiny ? 2 : 5,
        free: gpu?.free,
        onProgress: (note) => onProgress(`${api}: ${note}`),
      }, device));
  }
}

async function parity(
  backend: string,
  { env, signal, variants }: { env: Record<string, string>; signal: AbortSignal; variants?: string },
): Promise<ParityResult> {
  const worker = new URL("parity_worker.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", "--no-check", worker, backend, ...(variants ? [variants] : [])];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, signal }).output();
  signal.throwIfAborted();
  if (success) return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
}

/** The WebGPU adapter, or a sentence that says why there is none. */
async function findAdapter(signal: AbortSignal): Promise<Adapter | string> {
  const script = new URL("find_adapter.ts", import.meta.url).pathname;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", script],
    signal,
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  return "WebGPU is left out: Deno finds no adapter, so there is no GPU with a Vulkan, Metal or DirectX 12 driver.";
}

async function seesCuda(python: string, ask: Ask): Promise<boolean> {
  return await ask(python, ["-c", "import torch, transformers; print(torch.cuda.is_available())"]) === "True";
}
