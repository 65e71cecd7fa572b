/**
 * The native backend: the only file that knows how `@tensorflow/tfjs-node-gpu` is loaded in Deno.
 *
 * `deno task setup` compiles the package's add-on into `.native/` of the checkout. It is loaded from there whatever
 * project imports this library, without the package's own `index.js`, which looks for it inside its package folder
 * alone.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import * as tf from "../tensors/tf.ts";

/**
 * The package whose kernels run on the add-on; a computed specifier, so that nobody downloads it who does not use it.
 */
export const nativePackage: string = "npm:@tensorflow/tfjs-node-gpu@4.22.0";

/** How the add-on was made. */
export interface AddonReceipt {
  /** The pip package it is linked to, with its version. */
  tensorflow: string;
  /** Whether it was set up for CUDA. */
  cuda: boolean;
  /** The folder of the shared libraries. */
  libraries: string;
  /** CUDA libraries to load first; empty without CUDA. */
  preload: string[];
}

/** Whether the add-on can be loaded, and if not, why. */
export type AddonState = { ready: true; receipt: AddonReceipt; file: string } | { ready: false; why: string };

/** The two files that `deno task setup` makes; undefined where the library was not imported from a disk. */
export function addonFiles(): { addon: string; receipt: string } | undefined {
  if (!import.meta.url.startsWith("file:")) return undefined;
  const file = (name: string) => fileURLToPath(new URL(`../../.native/${name}`, import.meta.url));
  // The receipt is written last, so that its presence means that the set-up was finished.
  return { addon: file("tfjs_binding.node"), receipt: file("receipt.json") };
}

/** Returns whether the add-on is set up. @throws {Error} if a permission to look is missing, naming the flag */
export async function addonState(): Promise<AddonState> {
  const files = addonFiles();
  if (!files) return { ready: false, why: "the toolkit was imported from the network and has no native add-on" };
  let receipt: AddonReceipt;
  try {
    receipt = JSON.parse(await Deno.readTextFile(files.receipt));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { ready: false, why: "the TensorFlow add-on is not set up" };
    if (error instanceof SyntaxError) return { ready: false, why: `${files.receipt} is damaged` };
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new Error(
      `Looking for the TensorFlow add-on failed: reading ${files.receipt} is not permitted; add --allow-read, or choose ` +
        'useDevice("wasm").',
    );
  }
  for (const library of ["libtensorflow_framework.so.2", "libtensorflow_framework.2.dylib"]) {
    if (await Deno.stat(`${receipt.libraries}/${library}`).then(() => true, () => false)) {
      return { ready: true, receipt, file: files.addon };
    }
  }
  return { ready: false, why: `the TensorFlow libraries are gone from ${receipt.libraries}` };
}

/**
 * Loads the native backend.
 * @throws {Error} if the add-on is missing, or it was set up for CUDA and no GPU is in use
 */
export async function loadTensorflow(): Promise<{ name: string; gpu: boolean }> {
  const addon = await addonState();
  if (!addon.ready) {
    throw new Error(
      `Loading the tensorflow device failed: ${addon.why}; run "deno task setup" (or "setup --cuda") in a checkout.`,
    );
  }
  const { receipt } = addon, require = createRequire(import.meta.url);
  restoreNodeUtil(require("node:util"));
  // TensorFlow's C++ log writes its start-up notes at level 0 and 1; errors still come through.
  variable("TF_CPP_MIN_LOG_LEVEL", "2");
  // oneDNN about doubles large products on processors without AVX-512, where TensorFlow leaves it off. It changes last
  // bits, so the device says it.
  const oneDnn = variable("TF_ENABLE_ONEDNN_OPTS", "1");
  preload(receipt.preload);
  if (!tf.findBackendFactory("tensorflow")) {
    const bindings = require(addon.file);
    const { NodeJSKernelBackend } = await import(`${nativePackage}/dist/nodejs_kernel_backend.js`);
    await import(`${nativePackage}/dist/register_all_kernels.js`);
    tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(bindings, "@tensorflow/tfjs-node-gpu"), 3);
  }
  const backend = await tf.setBackend("tensorflow") && tf.backend() as unknown as { isUsingGpuDevice: boolean };
  const gpu = backend && backend.isUsingGpuDevice;
  if (receipt.cuda && !gpu) {
    throw new Error(
      `Loading the tensorflow device failed: it was set up with --cuda and TensorFlow sees no GPU; ` +
        `check "nvidia-smi", or run "deno task setup" for the CPU.`,
    );
  }
  const library = oneDnn === "1" ? `${receipt.tensorflow} with oneDNN` : receipt.tensorflow;
  return { name: `${library}, ${gpu ? await gpuName() : cpuName()}`, gpu };
}

/** Sets a variable of the environment unless the user has, and returns its value; undefined if that is not permitted. */
function variable(name: string, value: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return undefined;
  if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  return Deno.env.get(name);
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

/** Restores two functions of `node:util` that tfjs-node calls and current runtimes have dropped. */
function restoreNodeUtil(util: Record<string, unknown>): void {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

function cpuName(): string {
  return `${navigator.hardwareConcurrency} CPU threads`;
}

/** Returns the driver's name of the first GPU; asking nvidia-smi would need the permission to run programs. */
async function gpuName(): Promise<string> {
  try {
    for await (const { name } of Deno.readDir("/proc/driver/nvidia/gpus")) {
      const text = await Deno.readTextFile(`/proc/driver/nvidia/gpus/${name}/information`);
      return text.match(/^Model:\s*(.+)$/m)?.[1] ?? "NVIDIA GPU";
    }
  } catch (error) {
    // Deno reads below /proc with all permissions only: a narrow task goes on without the name.
    const unnamed = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable;
    if (!unnamed) throw error;
  }
  return "NVIDIA GPU";
}
