/** Choices of a recipe as people write them: one at a time, and those of optimizer and schedule in part. */
import { isObject } from "../io/json_values.ts";
import { changeRecipe, type RtdRecipe } from "./recipe.ts";

/**
 * Adds one choice to the changes of a recipe. An object, such as `{ learningRate: 1e-4 }`, changes a part of what the
 * recipe has under the key.
 *
 * @returns the changes with it
 * @throws {Error} as {@linkcode changeRecipe}
 */
export function mergeChoice(
  recipe: RtdRecipe,
  changes: Partial<RtdRecipe>,
  [key, value]: readonly [key: string, value: unknown],
): Partial<RtdRecipe> {
  const old: unknown = { ...recipe, ...changes }[key as keyof RtdRecipe];
  const merged = { ...changes, [key]: isObject(old) && isObject(value) ? { ...old, ...value } : value };
  changeRecipe(recipe, merged);
  return merged;
}
