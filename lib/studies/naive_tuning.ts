/** Table 8: the base method's own loss instead of RTD's. */
import { paperFigure } from "./paper.ts";
import type { PaperRow, Study, Variant } from "./study.ts";
import { type SweepCurve, sweepFigure } from "./sweep.ts";

/** Shares of the steps after which a run is evaluated. */
const at = [0.025, 0.05, 0.1, 0.2, 0.4, 0.7];

const naive = "naive", free = "naive, no anchor", rtd = "RTD";
const source = "Table 8, as reviews of the paper quote it";

const variants: readonly Variant[] = [
  { name: naive, training: { method: "naive", anchor: true }, at },
  { name: free, training: { method: "naive", anchor: false }, at },
  { name: rtd, training: { method: "RTD" }, at },
];

/** Naive fine-tuning as a curve, with every phi. */
export const naiveTuning: Study = {
  name: "naive-tuning",
  title: "Naive fine-tuning of the text encoder",
  asks: "Is it enough to train the text encoder with the base method's own loss, and what happens on the way?",
  paper: {
    table: "Table 8",
    figuresAre: "R@10, CIRR inferred, for Pic2Word; average over data sets for LinCIR",
    figure: naiveFigure,
    claims: [
      { says: "naive fine-tuning without anchor harms", better: "frozen", than: free, source },
      { says: "RTD is better than naive fine-tuning", better: rtd, than: naive, source },
    ],
  },
  clips: "first",
  phis: "all",
  variants,
  more: (result) =>
    [...Map.groupBy(result.rows.filter(({ phi }) => phi !== undefined), ({ phi }) => phi!)].map(([phi, rows]) => {
      const start = rows.find(({ step, queryIndex }) => step === 0 && queryIndex === 0);
      const curves = [naive, free, rtd].map((name): SweepCurve => ({
        name,
        points: rows.filter((row) => row.variant === name || row === start).map((row) => ({ x: row.step, row }))
          .sort((a, b) => a.x - b.x),
      })).filter(({ points }) => points.length > 1);
      return {
        title: `On the way, ${phi}`,
        shows: sweepFigure(result, curves, {
          title: `${phi}: mean and standard deviation over seeds`,
          xTitle: "step",
        }),
      };
    }),
};

/** The paper's figure of a row. */
function naiveFigure({ variant, phi }: PaperRow) {
  if (phi !== "Pic2Word" && phi !== "LinCIR") return undefined;
  const names: Record<string, string> = {
    frozen: phi,
    [free]: `${phi} + naive text-encoder tuning`,
    [rtd]: `${phi} + RTD`,
  };
  const method = names[variant];
  return method ? paperFigure({ table: "Table 8", method, metric: phi === "Pic2Word" ? "R@10" : "Avg" }) : undefined;
}
