/** Prints the WebGPU adapter of this machine as JSON, in a process that then ends: a driver stays in its process. */
import { loadWebgpu } from "../../lib/backend/webgpu.ts";

/** What is printed. */
export interface Adapter {
  name: string;
  /** Whether it is a graphics processor and not a program on the CPU. */
  gpu: boolean;
}

if (import.meta.main) {
  try {
    console.log(JSON.stringify(await loadWebgpu() satisfies Adapter));
    Deno.exit(0);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
