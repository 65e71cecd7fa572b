/** The number of steps. */
import type { Study, Variant } from "./study.ts";
import { sweepFigure, type SweepPoint } from "./sweep.ts";

/** Shares of the long run after which it is evaluated. */
const shares = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2];

const long = "RTD, four times the steps";

/** One run of four times the recipe's steps, evaluated on its way. */
export const steps: Study = {
  name: "steps",
  title: "The number of steps",
  asks: "How soon does RTD help, and does it go on to help, or does it forget, beyond the recipe's steps?",
  clips: "first",
  phis: "first",
  variants: ({ recipe }): readonly Variant[] => [
    { name: long, training: { method: "RTD", changes: { steps: 4 * recipe.steps } }, at: shares },
  ],
  more: (result) => {
    const tuned = result.rows.filter(({ variant, phi, step }) => variant === long || (step === 0 && phi !== undefined));
    const points = tuned.map((row): SweepPoint => ({ x: row.step, row })).sort((a, b) => a.x - b.x);
    const curves = [{ name: result.testbed.benchmarks[0].headline, points }];
    return [{
      title: "As a curve",
      note: "The learning rate is constant, so a point is what a run of so many steps gives.",
      shows: sweepFigure(result, curves, { title: "RTD on its way, mean and deviation over seeds", xTitle: "step" }),
    }];
  },
};
