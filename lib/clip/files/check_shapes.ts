/** Compares the tensors of a checkpoint with those that a configuration needs. */
import type { ClipShapes } from "../model/shapes.ts";

/** Buffers that some checkpoints store and no computation needs. */
export const ignoredTensor = /\.position_ids$/;

/**
 * Compares a checkpoint's shapes with what its configuration needs.
 *
 * @param file the checkpoint's name, for error messages
 * @throws {Error} naming the first tensor that is missing, of another shape, or unknown
 */
export function checkShapes(found: ClipShapes, expected: ClipShapes, file: string): void {
  for (const [name, shape] of Object.entries(expected)) {
    if (!Object.hasOwn(found, name)) {
      throw new Error(`Reading ${file} failed: the tensor "${name}" [${shape}] is missing.`);
    }
    if (found[name].join() !== shape.join()) {
      throw new Error(
        `Reading ${file} failed: the tensor "${name}" is [${found[name]}], config.json needs [${shape}].`,
      );
    }
  }
  const unknown = Object.keys(found).filter((name) => !Object.hasOwn(expected, name) && !ignoredTensor.test(name));
  if (unknown.length > 0) {
    throw new Error(`Reading ${file} failed: it holds ${unknown.length} unknown tensors, the first "${unknown[0]}".`);
  }
}
