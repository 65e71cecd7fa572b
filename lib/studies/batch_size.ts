/** The batch size. */
import { recipeSweep } from "./recipe_sweep.ts";
import type { Study } from "./study.ts";

/** RTD with batches from an eighth of the recipe's to its own, for as many steps. */
export const batchSize: Study = recipeSweep({
  name: "batch-size",
  title: "The batch size",
  asks: "How many triplets a step does RTD need, 128 in the paper, with as many steps?",
  what: "batch",
  values: ({ batch }) => [...new Set([16, 8, 4, 2, 1].map((part) => Math.ceil(batch / part)))],
  changes: (batch) => ({ batch }),
});
