/** The devices that a user may choose; apart from the device itself so that asking costs nothing. */

/**
 * - `auto`: `tensorflow` where its add-on is set up, else `wasm`
 * - `tensorflow`: `@tensorflow/tfjs-node-gpu` over the add-on that `deno task setup` makes (CUDA with `--cuda`)
 * - `webgpu`: Deno's own WebGPU adapter
 * - `wasm`: WebAssembly with SIMD, one thread; needs nothing
 */
export const deviceChoices = ["auto", "tensorflow", "webgpu", "wasm"] as const;
/** One of {@linkcode deviceChoices}. */
export type DeviceChoice = typeof deviceChoices[number];
