/** Choices of `--set` as changes of a recipe. */
import { isObject } from "../lib/io/json_values.ts";
import { changeRecipe, type RtdRecipe } from "../lib/rtd/recipe.ts";
import type { Faults } from "./faults.ts";
import { type Setting, valueOf } from "./train_settings.ts";

/** Returns the changes; what is wrong is added to the faults, and left out. */
export async function recipeChanges(
  found: Faults,
  recipe: RtdRecipe,
  set: readonly Setting[],
): Promise<Partial<RtdRecipe>> {
  let changes: Partial<RtdRecipe> = {};
  for (const [name, text] of set) {
    const [key, inner] = name.split(/\.(.*)/), old: unknown = { ...recipe, ...changes }[key as keyof RtdRecipe];
    const value = inner === undefined ? valueOf(text) : { ...(isObject(old) ? old : {}), [inner]: valueOf(text) };
    const next = { ...changes, [key]: value };
    if (await found.check(`Setting ${name}`, () => changeRecipe(recipe, next))) changes = next;
  }
  return changes;
}
