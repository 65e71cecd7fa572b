/** Appendix B.3: which layers are trained. */
import { trainableParts } from "../rtd/recipe.ts";
import type { Study } from "./study.ts";

/** RTD on parts of the text encoder. */
export const layers: Study = {
  name: "layers",
  title: "Which layers are trained",
  asks: "Does RTD need all of the text encoder, or is a part enough?",
  paper: {
    table: "Appendix B.3",
    figuresAre: "none could be seen",
    figure: () => undefined,
    claims: [],
  },
  clips: "first",
  phis: "first",
  variants: trainableParts.map((trainable) => ({
    name: trainable,
    training: { method: "RTD", changes: { trainable } },
  })),
};
