/** Table 6: which part of RTD does what. */
import { componentVariants } from "../rtd/components.ts";
import { paperAblation } from "./paper.ts";
import type { Study } from "./study.ts";

/** Names of the rows in the file of the paper's figures. */
const inPaper: Record<string, string> = {
  frozen: "baseline",
  TCL: "row 3",
  "TCL + RB": "row 4",
  "TCL + RB, no anchor": "row 5 (no anchor)",
  "TCL + RB + RC (RTD)": "row 6 (full)",
};

const source = "Table 6, as reviews of the paper quote it";

/** The component table. */
export const components: Study = {
  name: "components",
  title: "Which part of RTD does what",
  asks:
    "Which of the target-anchored loss (TCL), refined batches (RB), refined concatenation (RC) and the anchor helps?",
  paper: {
    table: "Table 6",
    figuresAre: "average; data sets, base method and backbone are not stated in what was seen",
    figure: ({ variant }) => inPaper[variant] ? paperAblation("Table 6", inPaper[variant]) : undefined,
    claims: [
      { says: "TCL alone helps", better: "TCL", than: "frozen", source },
      { says: "refined batches help", better: "TCL + RB", than: "TCL", source },
      { says: "the anchor helps", better: "TCL + RB", than: "TCL + RB, no anchor", source },
      { says: "refined concatenation helps", better: "TCL + RB + RC (RTD)", than: "TCL + RB", source },
    ],
  },
  clips: "first",
  phis: "first",
  variants: componentVariants.map(({ name, changes }) => ({ name, training: { method: "RTD", changes } })),
};
