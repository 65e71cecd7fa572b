/** The sizes of a text tower, derived from its tensors' shapes, to tell whether it belongs to a CLIP. */
import type { ClipShapes } from "../model/shapes.ts";

/**
 * Describes a text tower by its sizes; two towers with the same description have the same tensors.
 *
 * @returns undefined if the shapes are not those of a text tower
 */
export function textTowerSize(shapes: ClipShapes): string | undefined {
  const side = (name: string, axis: number): number | undefined => shapes[name]?.[axis];
  const layers = Object.keys(shapes).reduce((most, name) => {
    const number = Number(name.match(/^text_model\.encoder\.layers\.(\d+)\./)?.[1] ?? -1);
    return Math.max(most, number + 1);
  }, 0);
  const vocabulary = side("text_model.embeddings.token_embedding.weight", 0);
  const width = side("text_model.embeddings.token_embedding.weight", 1);
  const context = side("text_model.embeddings.position_embedding.weight", 0);
  const mlpWidth = side("text_model.encoder.layers.0.mlp.fc1.weight", 0);
  const projection = side("text_projection.weight", 0);
  if ([vocabulary, width, context, mlpWidth, projection].includes(undefined)) return undefined;
  return `${layers} layers of width ${width} (perceptrons of width ${mlpWidth}), ${vocabulary} tokens, a context of ` +
    `${context} and a projection to ${projection}`;
}
