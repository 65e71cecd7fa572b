/** The largest batch of a recipe whose step fits into the memory that is there. */
import { addressableBytes } from "../backend/predicted_memory.ts";
import { type StepMemory, stepMemory, type StepMemoryOptions } from "./step_memory.ts";

/** What is asked of {@linkcode largestBatch}. */
export interface LargestBatchOptions extends StepMemoryOptions {
  /** Bytes that the process may take; on a GPU those of its memory. */
  available: number;
  /** Whether the tensors lie on a GPU, where the rest of the process does not count (default false). */
  gpu?: boolean;
}

/**
 * Finds the largest batch, up to the recipe's, whose step fits.
 *
 * @returns triplets a step; 0 if not even one fits
 * @throws {Error} as `predictStepMemory`
 * @example
 * ```ts
 * import { changeRecipe, embeddedRecipe } from "@rtd/toolkit";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 * import { inspectClip } from "@rtd/toolkit/clip";
 * import { largestBatch } from "@rtd/toolkit/rtd";
 * import { assert } from "@std/assert";
 *
 * const clip = await inspectClip(embeddedModelFolder());
 * const triplets = [{ reference: "red apple", conditioning: "is green", target: "green apple" }];
 * const recipe = changeRecipe(embeddedRecipe, { batch: 100_000 });
 * const fitting = largestBatch({ clip, triplets, recipe, backend: "wasm", available: 2e9 });
 * assert(fitting > 128 && fitting < 100_000);
 * ```
 */
export function largestBatch({ available, gpu = false, ...options }: LargestBatchOptions): number {
  const memory = stepMemory(options);
  const fits = (batch: number) => fitsInto(memory(batch), { available, gpu, backend: options.backend });
  let fitting = 0, tooLarge = options.recipe.batch + 1;
  while (tooLarge - fitting > 1) {
    const middle = (fitting + tooLarge) >> 1;
    if (fits(middle)) fitting = middle;
    else tooLarge = middle;
  }
  return fitting;
}

/** Whether a step fits into the memory that is there, and can be addressed. */
export function fitsInto(
  { tensors, process }: StepMemory,
  { available, gpu = false, backend }: Pick<LargestBatchOptions, "available" | "gpu" | "backend">,
): boolean {
  return (gpu ? tensors : process) <= available && tensors <= addressableBytes(backend);
}
