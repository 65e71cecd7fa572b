/**
 * Picks the device that computes, says what it is, and never falls back in silence.
 *
 * - `tensorflow`: `@tensorflow/tfjs-node-gpu` over the add-on that `deno task setup` makes (CUDA with `--cuda`).
 * - `webgpu`: Deno's own WebGPU adapter.
 * - `wasm`: WebAssembly with SIMD, one thread; needs nothing.
 * - `auto`: `tensorflow` when the add-on is there, else `wasm`.
 */
import * as tf from "@tensorflow/tfjs";
import { addonState, loadTensorflow } from "./tensorflow.ts";
import { loadWasm } from "./wasm.ts";
import { loadWebgpu } from "./webgpu.ts";

/** What a user may ask for with `--device`. */
export const deviceChoices = ["auto", "tensorflow", "webgpu", "wasm"] as const;
/** One of {@linkcode deviceChoices}. */
export type DeviceChoice = typeof deviceChoices[number];

/** The device in use; stored with every result. */
export interface Device {
  backend: "tensorflow" | "webgpu" | "wasm";
  /** The hardware or driver, in words. */
  name: string;
  /** Whether a graphics processor really computes. */
  gpu: boolean;
  /** Why this one was chosen. */
  reason: string;
}

/** Checks a text from the command line. @throws {Error} if it names no device. */
export function parseDeviceChoice(text: string): DeviceChoice {
  const choice = deviceChoices.find((known) => known === text);
  if (choice === undefined) {
    throw new Error(`--device "${text}" is not known: choose one of ${deviceChoices.join(", ")}.`);
  }
  return choice;
}

let current: Device | undefined;

/**
 * Makes `choice` the device of this process. Asking for the device already in use returns it.
 *
 * @throws {Error} if the device is not there, with the command that brings it.
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 *
 * const device = await useDevice("wasm");
 * console.log(device.name, device.gpu);
 * ```
 */
export async function useDevice(choice: DeviceChoice = "auto"): Promise<Device> {
  if (choice === "auto") {
    if (current) return current;
    const addon = addonState();
    return addon.ready
      ? await activate("tensorflow", "auto: the TensorFlow add-on is set up")
      : await activate("wasm", `auto: ${addon.why}, so WebAssembly; "deno task setup" makes it several times faster`);
  }
  return await activate(choice, "asked for");
}

async function activate(backend: Device["backend"], reason: string): Promise<Device> {
  if (current?.backend === backend) return current;
  const pair = [current?.backend, backend];
  if (pair.includes("tensorflow") && pair.includes("webgpu")) {
    throw new Error(
      `Selecting the ${backend} device failed: this process already uses ${current?.backend}, and the two crash in ` +
        `one process (each brings its own LLVM); start another.`,
    );
  }
  const load = { tensorflow: loadTensorflow, webgpu: loadWebgpu, wasm: loadWasm }[backend];
  const { name, gpu } = await load();
  if (!await tf.setBackend(backend)) {
    throw new Error(`Selecting the ${backend} backend failed: TensorFlow.js refused it; try another --device.`);
  }
  await tf.ready();
  current = { backend, name, gpu, reason };
  return current;
}

/** One line for the start of a run. */
export function describeDevice(device: Device): string {
  return `device ${device.backend} (${device.name}; GPU ${device.gpu ? "in use" : "not in use"}; ${device.reason})`;
}
