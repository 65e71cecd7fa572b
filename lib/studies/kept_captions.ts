/** What RTD costs in plain retrieval, and what an anchor on captions wins back. */
import { recipeSweep } from "./recipe_sweep.ts";
import type { Study } from "./study.ts";

/** RTD with the additional loss on target captions; beyond the paper, asked for by its reviewers. */
export const keptCaptions: Study = recipeSweep({
  name: "what-is-lost",
  title: "What is lost, and kept by a caption anchor",
  asks: "How much plain caption-to-image retrieval does RTD cost, and how much does the caption anchor keep?",
  what: "weight of the caption anchor",
  values: [0, 1, 2, 5, 10, 20],
  changes: (keepCaptions) => ({ keepCaptions }),
});
