/** Appendix B.6: the noise of refined concatenation. */
import { recipeSweep } from "./recipe_sweep.ts";
import type { Study } from "./study.ts";

/** RTD with more and less noise on the embedding of the reference caption. */
export const noise: Study = recipeSweep({
  name: "noise",
  title: "The noise of refined concatenation",
  asks: "How much noise on the embedding of the reference caption helps, 0.5 in the paper?",
  paper: {
    table: "Appendix B.6",
    figuresAre: "none could be seen",
    figure: () => undefined,
    claims: [],
  },
  what: "noise",
  values: [0, 0.25, 0.5, 1, 2],
  changes: (noise) => ({ noise }),
});
