/** Selects the device that computes, says what it is, and never falls back in silence. */
import * as tf from "../tensors/tf.ts";
import { type DeviceChoice, deviceChoices } from "./device_choice.ts";
import { addonState, loadTensorflow } from "./tensorflow.ts";
import { loadWasm } from "./wasm.ts";
import { loadWebgpu } from "./webgpu.ts";

/** The device in use; stored with every result. */
export interface Device {
  /** TensorFlow.js' backend. */
  backend: "tensorflow" | "webgpu" | "wasm";
  /** The hardware or driver, in words. */
  name: string;
  /** Whether a graphics processor really computes. */
  gpu: boolean;
  /** Why this device was chosen. */
  reason: string;
}

let current: Device | undefined;

/**
 * Makes `choice` the device of this process and returns it; "auto" by default. A second call with the same choice, or
 * with "auto", returns the device in use.
 *
 * @throws {Error} if the choice is unknown, the device is not there (with the command that installs it), or another
 *   copy of TensorFlow.js is loaded in this process
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 *
 * const device = await useDevice("wasm");
 * console.log(device.name, device.gpu);
 * ```
 */
export async function useDevice(choice: DeviceChoice = "auto"): Promise<Device> {
  if (!deviceChoices.includes(choice)) {
    throw new Error(`Selecting the device "${choice}" failed: choose one of ${deviceChoices.join(", ")}.`);
  }
  // Copies of TensorFlow.js share one engine, whose environment belongs to the copy that was loaded first.
  if (!(tf.env() instanceof tf.Environment)) {
    throw new Error(
      `Selecting a device failed: another copy of TensorFlow.js was loaded before this toolkit's ${tf.version.tfjs}; ` +
        'import `tf` from "@rtd/toolkit", or import the same version.',
    );
  }
  if (choice !== "auto") return await activate(choice, "requested");
  if (current) return current;
  const addon = await addonState();
  return addon.ready
    ? await activate("tensorflow", "auto: the TensorFlow add-on is set up")
    : await activate("wasm", `auto: ${addon.why}, so WebAssembly; "deno task setup" makes it several times faster`);
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
  const before = tf.getBackend();
  try {
    const { name, gpu } = await load();
    if (!await tf.setBackend(backend)) {
      throw new Error(`Selecting the ${backend} backend failed: TensorFlow.js refused it; try another --device.`);
    }
    await tf.ready();
    current = { backend, name, gpu, reason };
    return current;
  } catch (error) {
    // A device can fail after its backend was set, as TensorFlow's without its GPU: the one before stays in use.
    if (before && before !== tf.getBackend()) await tf.setBackend(before);
    throw error;
  }
}

/**
 * Describes a device in one line, for the start of a run.
 *
 * @example
 * ```ts
 * import { describeDevice, useDevice } from "@rtd/toolkit";
 *
 * console.log(describeDevice(await useDevice("wasm")));
 * ```
 */
export function describeDevice(device: Device): string {
  return `device ${device.backend} (${device.name}; GPU ${device.gpu ? "in use" : "not in use"}; ${device.reason})`;
}
