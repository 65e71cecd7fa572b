/** Learning-rate schedules. */

/** A learning-rate schedule: a linear warm-up, followed by a constant rate or a cosine decay. */
export interface Schedule {
  /** Steps of the linear warm-up; 0 for none. */
  warmup: number;
  /**
   * "constant" keeps the full rate after the warm-up, "cosine" lowers it along half a cosine towards zero.
   */
  shape: "constant" | "cosine";
}

/** Returns the factor in (0, 1] on the learning rate. @param step counted from 0 @param total steps of the run */
export function rateFactor({ warmup, shape }: Schedule, step: number, total: number): number {
  if (step < warmup) return (step + 1) / warmup;
  if (shape === "constant") return 1;
  return 0.5 * (1 + Math.cos(Math.PI * (step - warmup) / Math.max(1, total - warmup)));
}
