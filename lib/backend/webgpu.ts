/** Loads TensorFlow.js' WebGPU backend over Deno's own adapter. */
import * as tf from "../tensors/tf.ts";

/**
 * Loads the backend, once a process.
 *
 * @returns the adapter's name, and whether it is a graphics processor rather than a software renderer
 * @throws {Error} if Deno finds no adapter
 */
export async function loadWebgpu(): Promise<{ name: string; gpu: boolean }> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new Error(
      "Loading the webgpu device failed: no adapter was found; install a Vulkan driver " +
        '(Debian, Ubuntu: "apt-get install mesa-vulkan-drivers libvulkan1"), or choose another --device.',
    );
  }
  if (!tf.findBackendFactory("webgpu")) await import("npm:@tensorflow/tfjs-backend-webgpu@4.22.0");
  const { description, vendor, device } = adapter.info;
  const name = description || `${vendor} ${device}`.trim() || "unnamed adapter";
  // Mesa's llvmpipe and lavapipe, and Google's SwiftShader, compute on the CPU.
  return { name, gpu: !/llvmpipe|lavapipe|swiftshader|software/i.test(`${name} ${device}`) };
}
