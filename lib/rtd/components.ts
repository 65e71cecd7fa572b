/** The rows of the paper's component table (Table 6), as changes of a recipe. */
import type { RtdRecipe } from "./recipe.ts";

/** One row of the component table. */
export interface ComponentVariant {
  /** Its name in the table. */
  name: string;
  /** What it changes in a recipe. */
  changes: Partial<RtdRecipe>;
}

/**
 * The rows: TCL is the target-anchored loss alone, over plain concatenation; RB refined batches; RC refined concatenation;
 * "no anchor" lets the trainable encoder compute both sides. The last row is the paper's full method.
 */
export const componentVariants: readonly ComponentVariant[] = [
  { name: "TCL", changes: { concatenation: "plain", refinedBatches: false } },
  { name: "TCL + RB", changes: { concatenation: "plain", refinedBatches: true } },
  { name: "TCL + RB, no anchor", changes: { concatenation: "plain", refinedBatches: true, anchor: false } },
  { name: "TCL + RC", changes: { concatenation: "phi", refinedBatches: false } },
  { name: "TCL + RB + RC, no anchor", changes: { concatenation: "phi", refinedBatches: true, anchor: false } },
  { name: "TCL + RB + RC (RTD)", changes: { concatenation: "phi", refinedBatches: true } },
];
