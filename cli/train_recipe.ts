/** The recipe of a training, from the published one, a file and single choices, each checked. */
import { isObject } from "../lib/io/json_values.ts";
import { readText } from "../lib/io/read_file.ts";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../lib/rtd/recipe.ts";
import type { Faults } from "./faults.ts";
import { path } from "./options.ts";
import { choicesOf, recipeChanges } from "./recipe_changes.ts";
import type { Setting } from "./train_settings.ts";

/** Makes the recipe. What is wrong is added to the faults, and left out. */
export async function recipeFrom(
  found: Faults,
  { recipe: name, set = [] }: { recipe: string; set?: readonly Setting[] },
): Promise<RtdRecipe> {
  const choices = name === "paper" ? {} : await found.check(`Reading ${name}`, () => readRecipe(path()(name))) ?? {};
  const changes = await recipeChanges(found, paperRecipe, [...Object.entries(choices), ...choicesOf(set)]);
  return changeRecipe(paperRecipe, changes);
}

async function readRecipe(file: string): Promise<Record<string, unknown>> {
  const text = await readText("the recipe", file, `; say "paper", or name a JSON file`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (isObject(json) && !Array.isArray(json)) return json;
  throw new Error(`Reading the recipe failed: ${file} is no JSON object of choices, such as {"steps": 500}.`);
}
