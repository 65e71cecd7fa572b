/** Learning rates by step. */

/** A rate that rises linearly over `warmup` steps and then stays, or falls to zero along half a cosine by `total`. */
export interface Schedule {
  warmup: number;
  shape: "constant" | "cosine";
}

/** The factor on the learning rate at `step`, counted from 0, of `total`. */
export function rateFactor({ warmup, shape }: Schedule, step: number, total: number): number {
  if (step < warmup) return (step + 1) / warmup;
  if (shape === "constant") return 1;
  return 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / Math.max(1, total - warmup)));
}
