/**
 * Loads TensorFlow.js' WebAssembly backend and replaces two of its kernels.
 *
 * Its matrix product is ten times slower with a transposed operand, which every gradient of a matrix product has; and
 * it lacks `UnsortedSegmentSum`, the gradient of an embedding look-up.
 */
import { packageUrl } from "../io/package_file.ts";
import { filePath } from "../io/path.ts";
import * as tf from "../tensors/tf.ts";

type Info = tf.TensorInfo;
type Attributes = Record<string, unknown>;

/** The methods of the backend that the kernels below use. */
interface WasmMemory {
  makeOutput(shape: number[], dtype: tf.DataType): Info;
  typedArrayFromHeap(info: Info): Float32Array | Int32Array;
  disposeData(dataId: object): void;
}

/** Loads the backend and replaces the two kernels, once a process. @throws {Error} if its file may not be read */
export async function loadWasm(): Promise<{ name: string; gpu: boolean }> {
  if (!tf.findBackendFactory("wasm")) {
    await checkPermission();
    await import("npm:@tensorflow/tfjs-backend-wasm@4.22.0");
    transposeBeforeProducts();
    tf.registerKernel({ kernelName: "UnsortedSegmentSum", backendName: "wasm", kernelFunc: segmentSum });
  }
  return { name: "WebAssembly with SIMD, one thread", gpu: false };
}

/**
 * Checks the permission to read the backend's WebAssembly file; without it the backend prints a page that hides the
 * reason.
 */
async function checkPermission(): Promise<void> {
  const file = await packageUrl("npm:@tensorflow/tfjs-backend-wasm@4.22.0", "dist/tfjs-backend-wasm-simd.wasm");
  const path = filePath(file);
  if ((await Deno.permissions.request({ name: "read", path })).state !== "granted") {
    throw new Error(`Loading the wasm device failed: reading ${path} is not permitted; add --allow-read.`);
  }
}

/** Replaces `BatchMatMul` by a kernel that writes out each transposed operand first. */
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
      const writtenOut = (x: Info, transposed: unknown): Info => {
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
        inputs: { a: writtenOut(a, transposeA), b: writtenOut(b, transposeB) },
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
  if (!config) {
    throw new Error(`Loading the wasm device failed: its backend has no kernel "${name}"; is its version 4.22?`);
  }
  return config;
}

/** Sums the rows of `x` that share a segment id: `out[s] = sum of x[i] over ids[i] == s`. */
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
