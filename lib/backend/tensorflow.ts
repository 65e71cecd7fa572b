/** The native backend: the only file that knows how `@tensorflow/tfjs-node-gpu` is brought to life in Deno. */
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";

/** The package's folder, and the two files that `deno task setup` puts into it. */
const packageFolder = new URL("../../node_modules/@tensorflow/tfjs-node-gpu/", import.meta.url);
/** Where node-pre-gyp looks for the compiled add-on. */
export const addonFile = new URL("lib/napi-v8/tfjs_binding.node", packageFolder);
/** What the add-on was made from; written last, so that its presence means the set-up was finished. */
export const addonReceiptFile = new URL("lib/napi-v8/receipt.json", packageFolder);

/** How the add-on was made. */
export interface AddonReceipt {
  /** The pip package it is linked to, with its version. */
  tensorflow: string;
  /** Whether the user asked for CUDA. */
  cuda: boolean;
  /** The folder of the shared libraries. */
  libraries: string;
  /** CUDA libraries to load first; empty without CUDA. */
  preload: string[];
}

/** Whether the add-on can be loaded, and if not, why. */
export function addonState(): { ready: true; receipt: AddonReceipt } | { ready: false; why: string } {
  let receipt: AddonReceipt;
  try {
    receipt = JSON.parse(Deno.readTextFileSync(addonReceiptFile));
  } catch (error) {
    // Only a missing file means "not set up"; a permission that was not granted is the caller's to know.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ready: false, why: "the TensorFlow add-on is not set up" };
  }
  try {
    Deno.statSync(`${receipt.libraries}/libtensorflow_framework.so.2`);
  } catch {
    try {
      Deno.statSync(`${receipt.libraries}/libtensorflow_framework.2.dylib`);
    } catch {
      return { ready: false, why: `the TensorFlow libraries are gone from ${receipt.libraries}` };
    }
  }
  return { ready: true, receipt };
}

/**
 * Loads the native backend.
 * @throws {Error} if the add-on is missing, or if CUDA was asked for and no GPU is in use.
 */
export async function loadTensorflow(): Promise<{ name: string; gpu: boolean }> {
  const addon = addonState();
  if (!addon.ready) {
    throw new Error(`Loading the tensorflow device failed: ${addon.why}; run "deno task setup" (or "setup --cuda").`);
  }
  restoreNodeUtil();
  // TensorFlow's C++ log writes its start-up notes at level 0 and 1; errors still come through.
  if (Deno.env.get("TF_CPP_MIN_LOG_LEVEL") === undefined) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "2");
  preload(addon.receipt.preload);
  await import("@tensorflow/tfjs-node-gpu");
  const gpu = (tf.engine().findBackend("tensorflow") as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
  if (addon.receipt.cuda && !gpu) {
    throw new Error(
      `Loading the tensorflow device failed: it was set up with --cuda and TensorFlow sees no GPU; ` +
        `check "nvidia-smi", or run "deno task setup" for the CPU.`,
    );
  }
  return { name: `${addon.receipt.tensorflow}, ${gpu ? await gpuName() : cpuName()}`, gpu };
}

/**
 * Loads the CUDA libraries that came with the wheel. TensorFlow opens them by name, and finds those that the process
 * already holds; a library whose own dependencies are not there yet is tried again after the others.
 */
function preload(files: readonly string[]): void {
  let left = [...files];
  while (left.length > 0) {
    const failed = left.filter((file) => {
      try {
        Deno.dlopen(file, {});
        return false;
      } catch {
        return true;
      }
    });
    // What never loads (a part for another driver, say) is left for TensorFlow to do without, or to report.
    if (failed.length === left.length) return;
    left = failed;
  }
}

/** tfjs-node calls two functions of `node:util` that current runtimes have dropped; they are put back here. */
function restoreNodeUtil(): void {
  const util = createRequire(import.meta.url)("node:util");
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function cpuName(): string {
  return `${navigator.hardwareConcurrency} CPU threads`;
}

/** The driver's own word for the first GPU; asking nvidia-smi would need the right to run programs. */
async function gpuName(): Promise<string> {
  try {
    for await (const { name } of Deno.readDir("/proc/driver/nvidia/gpus")) {
      const text = await Deno.readTextFile(`/proc/driver/nvidia/gpus/${name}/information`);
      return text.match(/^Model:\s*(.+)$/m)?.[1] ?? "NVIDIA GPU";
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return "NVIDIA GPU";
}
