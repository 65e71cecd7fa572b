/** Choices of a recipe, of a file or of `--set`, as changes of it. */
import { mergeChoice } from "../lib/rtd/merge_choice.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import type { Faults } from "./faults.ts";
import { type Setting, valueOf } from "./train_settings.ts";

/** Returns the changes; what is wrong is added to the faults, and left out. */
export async function recipeChanges(
  found: Faults,
  recipe: RtdRecipe,
  choices: Iterable<readonly [key: string, value: unknown]>,
): Promise<Partial<RtdRecipe>> {
  let changes: Partial<RtdRecipe> = {};
  for (const choice of choices) {
    changes = await found.check(`Setting ${choice[0]}`, () => mergeChoice(recipe, changes, choice)) ?? changes;
  }
  return changes;
}

/** Returns the settings of `--set` as choices: "optimizer.learningRate" is a part of "optimizer". */
export function choicesOf(set: readonly Setting[]): [key: string, value: unknown][] {
  return set.map(([name, text]) => {
    const [key, inner] = name.split(/\.(.*)/);
    return [key, inner === undefined ? valueOf(text) : { [inner]: valueOf(text) }];
  });
}
