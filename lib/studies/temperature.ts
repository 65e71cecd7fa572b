/** The temperature of the loss. */
import { recipeSweep } from "./recipe_sweep.ts";
import type { Study } from "./study.ts";

/** RTD at temperatures around the published 0.07; asked for by the paper's reviewers. */
export const temperature: Study = recipeSweep({
  name: "temperature",
  title: "The temperature of the loss",
  asks: "How much does RTD depend on the temperature of its loss, 0.07 in the paper?",
  what: "temperature",
  values: [0.01, 0.03, 0.07, 0.15, 0.3],
  changes: (temperature) => ({ temperature }),
});
