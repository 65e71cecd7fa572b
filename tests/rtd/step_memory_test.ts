import { assert, assertEquals, assertThrows } from "@std/assert";
import { watchTensorBytes } from "../../bench/tensor_bytes.ts";
import { describeStepMemory, requireStepMemory } from "../../lib/rtd/check_memory.ts";
import { largestBatch } from "../../lib/rtd/largest_batch.ts";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { predictStepMemory, type StepMemoryOptions } from "../../lib/rtd/step_memory.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";
import { madeModel, type MadeSizes, madeTriplets } from "./made_model.ts";

interface Case extends Pick<StepMemoryOptions, "encoder" | "recompute" | "keptCaptions"> {
  sizes: MadeSizes;
  batch: number;
  /** Words of the longest text. */
  longest: number;
  changes?: Partial<RtdRecipe>;
}

const small = { width: 64, layers: 6, heads: 2, vocabulary: 500 };
const middle = { width: 128, layers: 6, heads: 4, vocabulary: 500 };
const wide = { width: 192, layers: 4, heads: 4, vocabulary: 5000, activation: "gelu" } as const;

const cases: Record<string, Case> = {
  "long texts": { sizes: small, batch: 32, longest: 40 },
  "a large vocabulary, few layers": { sizes: { ...middle, layers: 3, vocabulary: 4200 }, batch: 64, longest: 8 },
  "gelu": { sizes: wide, batch: 24, longest: 20 },
  "gelu, recomputing": { sizes: wide, batch: 24, longest: 20, recompute: true },
  "weights that weigh more than activations": { sizes: { ...wide, layers: 8 }, batch: 2, longest: 12 },
  "all but embeddings": {
    sizes: { ...middle, vocabulary: 6000 },
    batch: 32,
    longest: 12,
    changes: { trainable: "all but embeddings" },
  },
  "the last block": {
    sizes: middle,
    batch: 32,
    longest: 12,
    changes: { trainable: "last block", concatenation: "plain" },
  },
  "layer norms and biases": {
    sizes: middle,
    batch: 32,
    longest: 12,
    changes: { trainable: "layer norms and biases" },
  },
  "low-rank matrices": {
    sizes: { ...middle, width: 256 },
    batch: 8,
    longest: 12,
    changes: { lora: { rank: 4, alpha: 4, matrices: "qkvo" } },
  },
  "low-rank matrices, the readable encoder": {
    sizes: middle,
    batch: 16,
    longest: 12,
    encoder: "plain",
    changes: { lora: { rank: 4, alpha: 4, matrices: "qv" } },
  },
  "no anchor": { sizes: middle, batch: 32, longest: 12, changes: { anchor: false } },
  "plain concatenation": { sizes: middle, batch: 32, longest: 12, changes: { concatenation: "plain" } },
  "no refined batches": { sizes: middle, batch: 32, longest: 12, changes: { refinedBatches: false } },
  "captions kept": { sizes: middle, batch: 32, longest: 12, changes: { keepCaptions: 1 } },
  "longer captions kept": {
    ...{ sizes: middle, batch: 32, longest: 12, changes: { keepCaptions: 1 } },
    keptCaptions: madeTriplets(40, 40).map(({ target }) => target),
  },
  "the readable encoder": {
    sizes: { ...middle, layers: 4, vocabulary: 8000 },
    batch: 16,
    longest: 20,
    encoder: "plain",
  },
};

// A software driver takes minutes for these; the tensors of a step are there the same.
eachBackend("predictStepMemory: within 10 % of what TensorFlow.js holds at its highest point", async (backend) => {
  const bytes = watchTensorBytes();
  for (const [title, { sizes, batch, longest, changes = {}, ...choices }] of Object.entries(cases)) {
    const { clip, phi } = madeModel(sizes), triplets = madeTriplets(batch, longest);
    // In the first step the trained weights are still those of the frozen CLIP.
    const recipe = changeRecipe(paperRecipe, { ...changes, batch, steps: 2 }), found: number[] = [];
    bytes.reset();
    const onStep = () => {
      found.push(bytes.peak());
      bytes.reset();
    };
    const { textWeights } = await trainRtd({ clip, phi, triplets, recipe, onStep, ...choices });
    [textWeights, clip.weights, phi.weights].forEach(disposeWeights);
    const { tensors } = predictStepMemory({ clip, phi, towers: "text", triplets, recipe, backend, ...choices });
    const ratio = tensors / found[1];
    assert(Math.abs(ratio - 1) < 0.1, `${title}: predicted ${tensors}, found ${found[1]}, ratio ${ratio.toFixed(3)}`);
  }
}, ["webgpu"]);

/** A small CLIP's sizes, without its weights. */
function plan(batch: number): StepMemoryOptions {
  const { clip, phi } = madeModel(small);
  [clip.weights, phi.weights].forEach(disposeWeights);
  return {
    clip,
    recipe: changeRecipe(paperRecipe, { batch }),
    triplets: madeTriplets(300, 20),
    backend: "tensorflow",
  };
}

eachBackend("predictStepMemory: its parts are the tensors, and a batch needs more the larger it is", () => {
  const bytes = [1, 8, 64, 512].map((batch) => {
    const { tensors, process, ...parts } = predictStepMemory(plan(batch));
    assertEquals(Object.values(parts).reduce((sum, part) => sum + part, 0), tensors);
    assert(process > tensors);
    return tensors;
  });
  assertEquals(bytes, bytes.toSorted((a, b) => a - b));
  const onWasm = { ...plan(8), backend: "wasm" }, saved = predictStepMemory({ ...onWasm, checkpoint: true });
  assertEquals(saved.process - predictStepMemory(onWasm).process, saved.trained / 2);
  return Promise.resolve();
}, ["webgpu", "tensorflow"]);

eachBackend("largestBatch: it fits, one more does not, and where all fit it is the recipe's", () => {
  const options = plan(2000), available = 1e9, batch = largestBatch({ ...options, available });
  const need = (batch: number) => predictStepMemory(plan(batch)).process;
  assert(batch > 100 && batch < 2000, String(batch));
  assert(need(batch) <= available && need(batch + 1) > available);
  assertEquals(largestBatch({ ...plan(7), available }), 7);
  assertEquals(largestBatch({ ...options, available: 1e6 }), 0);
  assert(largestBatch({ ...options, available, gpu: true }) > batch, "libraries do not count on a GPU");
  return Promise.resolve();
}, ["webgpu", "tensorflow"]);

eachBackend("requireStepMemory: refuses in one sentence with the batch that fits", () => {
  const options = plan(2000), fitting = largestBatch({ ...options, available: 1e9 });
  assertThrows(
    () => requireStepMemory({ ...options, available: 1e9 }),
    Error,
    `are free; choose a batch of at most ${fitting}, or recompute.`,
  );
  assertThrows(
    () => requireStepMemory({ ...options, available: 1e9, recompute: true }),
    Error,
    "Fitting a step into memory failed: 2000 triplets need about 5.3 GB, and 1.0 GB are free; choose a batch of at most",
  );
  assertThrows(
    () => requireStepMemory({ ...options, available: 1e6, gpu: true }),
    Error,
    "1 MB of the GPU are free; choose a smaller CLIP, or another machine.",
  );
  const wasm = { ...options, backend: "wasm", available: 1e12 };
  assertThrows(
    () => requireStepMemory(wasm),
    Error,
    `, and WebAssembly addresses 4.3 GB; choose a batch of at most ${largestBatch(wasm)}, or recompute.`,
  );
  assert(largestBatch(wasm) < 2000);
  assertEquals(requireStepMemory({ ...plan(8), available: 1e9 }), predictStepMemory(plan(8)));
  return Promise.resolve();
}, ["webgpu", "tensorflow"]);

Deno.test("describeStepMemory: each part, and the whole process where the tensors are in it", () => {
  const parts = { frozen: 0.25e9, trained: 3e9, gradients: 1.04e9, kept: 12.3e9, working: 0.004e9 };
  const memory = { ...parts, tensors: 16.594e9, process: 19.96e9 };
  const tensors =
    "a step needs about 16.6 GB of tensors (frozen 250 MB, trained with moments 3.0 GB, gradients 1.0 GB, " +
    "kept 12.3 GB, working 4 MB)";
  assertEquals(describeStepMemory(memory), `${tensors}; with libraries and gaps 20.0 GB`);
  assertEquals(describeStepMemory(memory, { gpu: true }), tensors);
});
