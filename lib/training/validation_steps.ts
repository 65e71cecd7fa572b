/** After which steps of a training the model is validated. */

/** The published runs of RTD validate at this step too. */
const early = 50;

/** How often a run validates. */
export interface ValidationSteps {
  /** Steps of the whole run. */
  steps: number;
  /** Steps between validations, from 1. */
  every: number;
}

/** Whether a validation is due after a step: at step 50, every so many steps, and at the last. */
export function isDue(step: number, { steps, every }: ValidationSteps): boolean {
  return step === early || step % every === 0 || step === steps;
}

/** Counts the validations that are due after a step, up to the last. */
export function dueAfter(step: number, { steps, every }: ValidationSteps): number {
  const regular = Math.max(0, Math.floor(steps / every) - Math.floor(step / every));
  const others = new Set([early, steps].filter((at) => at > step && at <= steps && at % every !== 0));
  return regular + others.size;
}
