/** What a run's memory looks like in words, and the refusal of one that does not fit. */
import { addressableBytes } from "../backend/predicted_memory.ts";
import { fitsInto, largestBatch, type LargestBatchOptions } from "./largest_batch.ts";
import { predictStepMemory, type StepMemory } from "./step_memory.ts";

/** Says in one line how much memory a step needs, and for what. @param gpu whether the tensors lie on a GPU */
export function describeStepMemory(memory: StepMemory, { gpu = false }: { gpu?: boolean } = {}): string {
  const { frozen, trained, gradients, kept, working, tensors, process } = memory;
  const parts = Object.entries({ frozen, "trained with moments": trained, gradients, kept, working })
    .map(([name, bytes]) => `${name} ${size(bytes)}`);
  const whole = gpu ? "" : `; with libraries and gaps ${size(process)}`;
  return `a step needs about ${size(tensors)} of tensors (${parts.join(", ")})${whole}`;
}

/**
 * Predicts the memory of a step, and refuses one that does not fit.
 *
 * @throws {Error} if the step needs more than is there, with the largest batch that fits
 * @example
 * ```ts
 * import { changeRecipe, embeddedRecipe } from "@rtd/toolkit";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 * import { inspectClip } from "@rtd/toolkit/clip";
 * import { requireStepMemory } from "@rtd/toolkit/rtd";
 * import { assertThrows } from "@std/assert";
 *
 * const clip = await inspectClip(embeddedModelFolder());
 * const triplets = [{ reference: "red apple", conditioning: "is green", target: "green apple" }];
 * const recipe = changeRecipe(embeddedRecipe, { batch: 20_000 });
 * assertThrows(
 *   () => requireStepMemory({ clip, triplets, recipe, backend: "wasm", available: 2e9 }),
 *   Error,
 *   "are free; choose a batch of at most",
 * );
 * ```
 */
export function requireStepMemory(options: LargestBatchOptions): StepMemory {
  const { available, gpu = false, backend, recipe: { batch } } = options;
  const memory = predictStepMemory(options), needed = gpu ? memory.tensors : memory.process;
  if (fitsInto(memory, options)) return memory;
  const fitting = largestBatch(options),
    free = needed > available
      ? `${size(available)}${gpu ? " of the GPU" : ""} are free`
      : `WebAssembly addresses ${size(addressableBytes(backend))}`;
  const advice = fitting > 1
    ? `choose a batch of at most ${fitting}${options.recompute || options.encoder === "plain" ? "" : ", or recompute"}`
    : "choose a smaller CLIP, or another machine";
  throw new Error(
    `Fitting a step into memory failed: ${batch} triplets need about ${size(needed)}, and ${free}; ${advice}.`,
  );
}

function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
