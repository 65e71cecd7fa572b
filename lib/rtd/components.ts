/** The rows of the paper's component table (Table 6), as changes of a recipe. */
import type { RtdRecipe } from "./recipe.ts";

/** One row: what it is called and what it changes. */
export interface ComponentVariant {
  name: string;
  changes: Partial<RtdRecipe>;
}

/**
 * TCL: the target-anchored loss alone, over plain concatenation. RB: refined batches. RC: refined concatenation.
 * "no anchor": the trainable encoder makes both sides. The last row is the paper's full method.
 */
export const componentVariants: readonly ComponentVariant[] = [
  { name: "TCL", changes: { concatenation: "plain", refinedBatches: false } },
  { name: "TCL + RB", changes: { concatenation: "plain", refinedBatches: true } },
  { name: "TCL + RB, no anchor", changes: { concatenation: "plain", refinedBatches: true, anchor: false } },
  { name: "TCL + RC", changes: { concatenation: "phi", refinedBatches: false } },
  { name: "TCL + RB + RC, no anchor", changes: { concatenation: "phi", refinedBatches: true, anchor: false } },
  { name: "TCL + RB + RC (RTD)", changes: { concatenation: "phi", refinedBatches: true } },
];
