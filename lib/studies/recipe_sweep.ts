/** Studies of one number of the recipe. */
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { Study } from "./study.ts";
import { sweepFigure, type SweepPoint } from "./sweep.ts";

/** One number of the recipe with the values that are tried. */
export interface RecipeSweep extends Pick<Study, "name" | "title" | "asks" | "paper"> {
  /** The number in words, with its unit: the start of each row's name and the title of the x axis. */
  what: string;
  /** The values; a function gets the recipe that is changed. */
  values: readonly number[] | ((recipe: RtdRecipe) => readonly number[]);
  /** The changes of the recipe for a value. */
  changes: (value: number) => Partial<Omit<RtdRecipe, "seed">>;
}

/** Makes the study: a row for each value, and a curve. */
export function recipeSweep({ what, values, changes, ...study }: RecipeSweep): Study {
  const valuesOf = (recipe: RtdRecipe) => typeof values === "function" ? values(recipe) : values;
  const nameOf = (value: number) => `${what} ${value}`;
  return {
    ...study,
    clips: "first",
    phis: "first",
    variants: ({ recipe }) =>
      valuesOf(recipe).map((value) => ({ name: nameOf(value), training: { method: "RTD", changes: changes(value) } })),
    more: (result) => {
      const points = valuesOf(result.recipe).flatMap((x): SweepPoint[] => {
        const row = result.rows.find(({ variant }) => variant === nameOf(x));
        return row ? [{ x, row }] : [];
      });
      const [{ headline }] = result.testbed.benchmarks;
      const titles = { title: `${study.title}: mean and standard deviation over seeds`, xTitle: what };
      return [{ title: "As a curve", shows: sweepFigure(result, [{ name: headline, points }], titles) }];
    },
  };
}
