/** What a process needs besides its tensors, and what a backend can address. */

/** Bytes of a process's parts. */
export interface ProcessParts {
  /** All tensors at their highest point. */
  tensors: number;
  /** Tensors whose numbers were read from files: they lie in JavaScript's memory too until it is swept. */
  loaded: number;
  /** What is kept beside the tensors. */
  beside: number;
  /** Tensors that a checkpoint writes, one after the other. */
  saved: number;
  /** Whether tensors are freed early, so that others fill their places and leave gaps. */
  reusing: boolean;
}

/**
 * Measured: bytes of Deno, TensorFlow.js and the backend's library, the share that gaps add to tensors, and the share of
 * written tensors whose copies have not been swept yet when the last is written.
 */
const costs: Record<string, { base: number; gaps: number; unswept: number; onHost: boolean }> = {
  // TensorFlow's allocator returns nothing to the system.
  tensorflow: { base: 600e6, gaps: 0.15, unswept: 0, onHost: true },
  wasm: { base: 210e6, gaps: 0.05, unswept: 0.5, onHost: true },
  // Not measured with a checkpoint: taken to be as on WebAssembly.
  webgpu: { base: 300e6, gaps: 0, unswept: 0.5, onHost: false },
};

/** Bytes that a backend can address, whatever memory there is: WebAssembly's pointers have 32 bits. */
export function addressableBytes(backend: string): number {
  return backend === "wasm" ? 2 ** 32 : Infinity;
}

/** Predicts the largest resident size of a process, bytes. On WebGPU the tensors are not in it. */
export function processMemory(
  backend: string,
  { tensors, loaded, beside, saved, reusing }: ProcessParts,
): number {
  const { base, gaps, unswept, onHost } = costs[backend];
  return base + loaded + beside + unswept * saved + (onHost ? (reusing ? 1 + gaps : 1) * tensors : 0);
}
