/** Which programs fit into memory together, said before they start. */
import { textShapes } from "../lib/clip/model/shapes.ts";
import { stepPairs } from "../lib/rtd/pairs.ts";
import { paperRecipe } from "../lib/rtd/recipe.ts";
import { predictStepMemory } from "../lib/rtd/step_memory.ts";
import type { Drawn } from "./inputs.ts";
import { phiBytes } from "./made_clip.ts";
import type { Program } from "./workers.ts";

/** The memory of one program. */
export interface Need {
  program: Program;
  /** Bytes of its process, predicted. */
  bytes: number;
}

/** Predicts each program's memory, before anything is written. @param backend of ours */
export function memoryNeeds(
  programs: readonly Program[],
  { clip, batch, batches }: Pick<Drawn, "clip" | "batch" | "batches">,
  backend: string,
): Need[] {
  const { config: { text }, tokenizer } = clip, triplets = batches.flat();
  const tower = Object.values(textShapes(clip.config)).reduce(
    (sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1),
    0,
  );
  const phi = phiBytes(clip.config);
  const longest = (texts: readonly string[]) => tokenizer.encode(texts).length;
  return programs.map((program) => {
    if (program.kind === "PyTorch") {
      const { composed, refined } = stepPairs(triplets, paperRecipe);
      const lengths = program.recipe === "published"
        ? [text.context, text.context]
        : [longest(composed.queries), longest(refined!.queries)];
      // Its libraries; the frozen and the trained tower, gradients and both moments; per token and layer some 28 tensors
      // of the stream's width, as measured with the towers of ViT-B/32 and L/14.
      const activations = 28 * text.layers * batch * (lengths[0] + lengths[1]) * text.width;
      return { program, bytes: 380e6 + 5 * tower + phi + 4 * activations };
    }
    const { encoder, recompute } = program, recipe = { ...paperRecipe, batch };
    const { process } = predictStepMemory({ clip, towers: "text", recipe, triplets, backend, encoder, recompute });
    return { program, bytes: process + phi };
  });
}

/** Takes programs in the order given while they fit beside those before. */
export function fitting(needs: readonly Need[], available: number): { taken: Need[]; leftOut: Need[] } {
  const taken: Need[] = [], leftOut: Need[] = [];
  let left = available;
  for (const need of needs) {
    if (need.bytes > left) {
      leftOut.push(need);
      continue;
    }
    taken.push(need);
    left -= need.bytes;
  }
  return { taken, leftOut };
}
