/** The devices to choose from, in a file of their own so that a command can list them without loading TensorFlow.js. */

/**
 * A device to compute on:
 *
 * - `auto`: `tensorflow` where its add-on is set up, else `wasm`
 * - `tensorflow`: `@tensorflow/tfjs-node-gpu` over the add-on that `deno task setup` makes (CUDA with `--cuda`)
 * - `webgpu`: Deno's own WebGPU adapter
 * - `wasm`: WebAssembly with SIMD, one thread; needs nothing else
 */
export type DeviceChoice = "auto" | "tensorflow" | "webgpu" | "wasm";

/** All choices. */
export const deviceChoices: readonly DeviceChoice[] = ["auto", "tensorflow", "webgpu", "wasm"];
