/** How long a run will still take, from the steps that it has taken. */

/** Steps that are averaged; older ones say less, since cached work makes steps faster. */
const window = 50;

/** Steps after which they alone decide. */
const enough = 10;

/** A running estimate. */
export interface TimeLeft {
  /** Counts a step. @param seconds that it took */
  step(seconds: number): void;
  /** Counts a validation. @param seconds that it took */
  validation(seconds: number): void;
  /** Returns seconds for so many steps and validations; undefined before there is anything to judge by. */
  left(steps: number, validations: number): number | undefined;
}

/**
 * Starts an estimate: the mean of the last fifty steps, without the first, which also starts the device; until there
 * are ten, a trial step decides with them.
 *
 * @param trial seconds of a trial step; undefined if there was none
 * @param validationSeconds of an earlier validation; undefined if there was none
 */
export function timeLeft(trial?: number, validationSeconds?: number): TimeLeft {
  const taken: number[] = [];
  let first = true, lastValidation = validationSeconds;
  return {
    step(seconds) {
      if (!first) taken.push(seconds);
      first = false;
      if (taken.length > window) taken.shift();
    },
    validation: (seconds) => void (lastValidation = seconds),
    left(steps, validations) {
      const known = taken.length < enough - 1 && trial !== undefined ? [...taken, trial] : taken;
      if (known.length === 0) return undefined;
      const mean = known.reduce((sum, seconds) => sum + seconds, 0) / known.length;
      return steps * mean + (validations > 0 ? validations * (lastValidation ?? 0) : 0);
    },
  };
}

/** Writes a time in words, such as "2 h 10 min", "3 min" or "40 s". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
}
