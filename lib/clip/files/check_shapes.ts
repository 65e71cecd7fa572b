/** Compares the tensors of a checkpoint with those that a configuration needs. */
import { shown } from "../../io/shown.ts";
import type { ClipConfig } from "../model/config.ts";
import type { ClipShapes } from "../model/shapes.ts";

/** Buffers that some checkpoints store and no computation needs. */
const ignoredTensor = /\.position_ids$/;

/**
 * Compares the layers of both towers with the configuration, before the shapes of all their tensors are made.
 *
 * @param file the checkpoint's name, for error messages
 * @throws {Error} naming the tower whose layers differ
 */
export function checkLayers(found: ClipShapes, { text, vision }: ClipConfig, file: string): void {
  const layers = { text_model: new Set<string>(), vision_model: new Set<string>() };
  for (const name of Object.keys(found)) {
    const [, tower, layer] = name.match(/^(text_model|vision_model)\.encoder\.layers\.(\d+)\./) ?? [];
    if (tower) layers[tower as keyof typeof layers].add(layer);
  }
  for (const [tower, { layers: expected }] of [["text_model", text], ["vision_model", vision]] as const) {
    const { size } = layers[tower];
    if (size !== expected) {
      throw new Error(`Reading ${file} failed: its ${tower} has ${size} layers, config.json says ${expected}.`);
    }
  }
}

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
        `Reading ${file} failed: the tensor "${name}" is ${
          shown(found[name])
        }, the CLIP's config.json needs [${shape}].`,
      );
    }
  }
  const unknown = Object.keys(found).filter((name) => !Object.hasOwn(expected, name) && !ignoredTensor.test(name));
  if (unknown.length > 0) {
    throw new Error(
      `Reading ${file} failed: it holds ${unknown.length} unknown tensors, the first ${shown(unknown[0])}.`,
    );
  }
}
