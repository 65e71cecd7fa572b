/** Which programs fit into memory together, said before they start. */
import { inspectClip } from "../lib/clip/files/model_folder.ts";
import { textShapes } from "../lib/clip/model/shapes.ts";
import { paperRecipe } from "../lib/rtd/recipe.ts";
import { predictStepMemory } from "../lib/rtd/step_memory.ts";
import type { Inputs } from "./inputs.ts";
import type { Program } from "./workers.ts";

/** The memory of one program. */
export interface Need {
  program: Program;
  /** Bytes of its process, predicted. */
  bytes: number;
}

/** Predicts each program's memory. @param backend of ours */
export async function memoryNeeds(
  programs: readonly Program[],
  { files, triplets, sizes }: Inputs,
  backend: string,
): Promise<Need[]> {
  const clip = await inspectClip(files.folder), { text } = clip.config, D = text.width;
  const tower = 4 *
    Object.values(textShapes(clip.config)).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const phi = 4 * (8 * D * D + 16 * D * D);
  return programs.map((program) => {
    if (program.kind === "PyTorch") {
      const { lengths } = sizes[0], rows = files.batch;
      const R = program.recipe === "published"
        ? 2 * rows * files.context
        : rows * (Math.max(...lengths.composed) + Math.max(...lengths.refined));
      // Its libraries; the frozen and the trained tower, gradients and both moments; per token and layer some 32 tensors
      // of the stream's width, as measured with ViT-B/32's tower.
      return { program, bytes: 380e6 + 5 * tower + phi + 4 * 32 * text.layers * R * D };
    }
    const recipe = { ...paperRecipe, batch: files.batch };
    const { process } = predictStepMemory({
      ...{ clip, recipe, triplets, backend, towers: "text" as const },
      encoder: program.encoder,
      recompute: program.recompute,
    });
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
