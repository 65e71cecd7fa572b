/**
 * The WebAssembly backend, with two kernels mended.
 *
 * Its matrix product is ten times slower when an operand is to be read transposed, and every gradient of a matrix
 * product asks for that; and it lacks `UnsortedSegmentSum`, the gradient of an embedding look-up.
 */
import * as tf from "../tensors/tf.ts";

type Info = tf.TensorInfo;
type Attributes = Record<string, unknown>;

/** The part of the backend that a kernel of ours needs. */
interface WasmMemory {
  makeOutput(shape: number[], dtype: tf.DataType): Info;
  typedArrayFromHeap(info: Info): Float32Array | Int32Array;
  disposeData(dataId: object): void;
}

/** Loads the backend and mends it (once a process). */
export async function loadWasm(): Promise<{ name: string; gpu: boolean }> {
  if (!tf.findBackendFactory("wasm")) {
    await import("npm:@tensorflow/tfjs-backend-wasm@4.22.0");
    transposeBeforeProducts();
    tf.registerKernel({ kernelName: "UnsortedSegmentSum", backendName: "wasm", kernelFunc: segmentSum });
  }
  return { name: "WebAssembly with SIMD, one thread", gpu: false };
}

/** `BatchMatMul` with each transposed operand written out first. */
function transposeBeforeProducts(): void {
  const transpose = kernel("Transpose");
  const product = kernel("BatchMatMul");
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    kernelName: "BatchMatMul",
    backendName: "wasm",
    setupFunc: product.setupFunc,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const memory = backend as WasmMemory;
      const made: Info[] = [];
      const straight = (x: Info, transposed: unknown): Info => {
        if (!transposed) return x;
        const perm = [...x.shape.keys()];
        perm.push(...perm.splice(-2).reverse());
        const out = transpose.kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as Info;
        made.push(out);
        return out;
      };
      const { a, b } = inputs as { a: Info; b: Info };
      const { transposeA, transposeB } = attrs as Attributes;
      const out = product.kernelFunc({
        inputs: { a: straight(a, transposeA), b: straight(b, transposeB) },
        attrs: { transposeA: false, transposeB: false },
        backend,
      });
      made.forEach((info) => memory.disposeData(info.dataId));
      return out;
    },
  });
}

function kernel(name: string) {
  const config = tf.getKernel(name, "wasm");
  if (!config) throw new Error(`Mending the wasm backend failed: it has no kernel "${name}"; is its version 4.22?`);
  return config;
}

/** Sum of the rows of `x` that share a segment id: `out[s] = sum of x[i] over ids[i] == s`. */
const segmentSum: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const memory = backend as WasmMemory;
  const { x, segmentIds } = inputs as { x: Info; segmentIds: Info };
  const { numSegments } = attrs as { numSegments: number };
  const rowShape = x.shape.slice(1);
  const width = rowShape.reduce((product, size) => product * size, 1);
  const info = memory.makeOutput([numSegments, ...rowShape], x.dtype);
  // Views are taken after the allocation: growing the heap detaches older ones.
  const out = memory.typedArrayFromHeap(info), rows = memory.typedArrayFromHeap(x);
  const ids = memory.typedArrayFromHeap(segmentIds);
  out.fill(0);
  for (let i = 0; i < ids.length; i++) {
    const to = ids[i] * width, from = i * width;
    for (let d = 0; d < width; d++) out[to + d] += rows[from + d];
  }
  return info;
};
