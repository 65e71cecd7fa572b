/** What a process needs besides its tensors, and what memory there is. */

/** Bytes of a process's parts. */
export interface ProcessParts {
  /** All tensors at their highest point. */
  tensors: number;
  /** Tensors whose numbers were read from files: they lie in JavaScript's memory too until it is swept. */
  loaded: number;
  /** What is kept beside the tensors. */
  beside: number;
  /** Tensors that are there between two steps. */
  held: number;
  /** Tensors that a checkpoint writes: read back, then put together. */
  saved: number;
  /** Whether tensors are freed early, so that others fill their places and leave gaps. */
  reusing: boolean;
}

/** Measured: bytes of Deno, TensorFlow.js and the backend's library, and the share that gaps add to tensors. */
const costs: Record<string, { base: number; gaps: number; onHost: boolean }> = {
  // TensorFlow's allocator returns nothing to the system.
  tensorflow: { base: 600e6, gaps: 0.15, onHost: true },
  wasm: { base: 210e6, gaps: 0.05, onHost: true },
  webgpu: { base: 300e6, gaps: 0, onHost: false },
};

/** Bytes that a backend can address, whatever memory there is: WebAssembly's pointers have 32 bits. */
export function addressableBytes(backend: string): number {
  return backend === "wasm" ? 2 ** 32 : Infinity;
}

/** Predicts the largest resident size of a process, bytes. On WebGPU the tensors are not in it. */
export function processMemory(
  backend: string,
  { tensors, loaded, beside, held, saved, reusing }: ProcessParts,
): number {
  const { base, gaps, onHost } = costs[backend];
  const unused = 1 + (reusing ? gaps : 0), saving = 2 * saved + (onHost ? (1 + gaps) * held : 0);
  return base + loaded + beside + Math.max(onHost ? unused * tensors : 0, saving);
}

/**
 * Returns the memory that a process could still take without swapping, bytes; undefined where asking is not permitted
 * (`--allow-sys=systemMemoryInfo`). A limit of a container is not seen.
 */
export function availableMemory(): number | undefined {
  if (Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" }).state !== "granted") return undefined;
  return Deno.systemMemoryInfo().available;
}
