/** The rows of the paper's component table (Table 6) as changes of a recipe. */
import type { RtdRecipe } from "./recipe.ts";

/** One row of the component table. */
export interface ComponentVariant {
  /** Its name in the table. */
  name: string;
  /** The changes, for `changeRecipe`. */
  changes: Partial<RtdRecipe>;
}

/**
 * The rows of the component table. TCL is the target-anchored loss alone, with plain concatenation; RB adds refined
 * batches, RC refined concatenation; with "no anchor" the trainable encoder computes both sides. The last row is the
 * full method.
 */
export const componentVariants: readonly ComponentVariant[] = [
  { name: "TCL", changes: { concatenation: "plain", refinedBatches: false } },
  { name: "TCL + RB", changes: { concatenation: "plain", refinedBatches: true } },
  { name: "TCL + RB, no anchor", changes: { concatenation: "plain", refinedBatches: true, anchor: false } },
  { name: "TCL + RC", changes: { concatenation: "phi", refinedBatches: false } },
  { name: "TCL + RB + RC, no anchor", changes: { concatenation: "phi", refinedBatches: true, anchor: false } },
  { name: "TCL + RB + RC (RTD)", changes: { concatenation: "phi", refinedBatches: true } },
];
