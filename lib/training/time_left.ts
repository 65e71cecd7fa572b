/** How long a run will still take, from the steps that it has taken. */

/** Steps that are averaged. */
const window = 50;

/** Steps after which they alone decide. */
const enough = 10;

/** The time of a step, seconds. */
export interface StepTime {
  /** The whole step. */
  seconds: number;
  /** The part of it that steps save whose frozen features are cached. */
  drawing: number;
}

/** What a run has still to do. */
export interface WorkLeft {
  /** Steps. */
  steps: number;
  /** Those of them whose frozen features are not cached; with none given, all. */
  uncached?: number;
  /** Validations. */
  validations: number;
}

/** A running estimate. */
export interface TimeLeft {
  /** Counts a step. */
  step(time: StepTime): void;
  /** Counts a validation. @param seconds that it took */
  validation(seconds: number): void;
  /** Returns the seconds of so much work; undefined before there is anything to judge by. */
  left(work: WorkLeft): number | undefined;
}

/**
 * Starts an estimate: the mean of the last fifty steps, without the first, which also starts the device; until there
 * are ten, a trial step decides with them. Drawing is averaged apart from the rest, since it ends with the first epoch
 * where its features are cached.
 *
 * @param trial time of a trial step; undefined if there was none
 * @param validationSeconds of an earlier validation; undefined if there was none
 */
export function timeLeft(trial?: StepTime, validationSeconds?: number): TimeLeft {
  const taken: StepTime[] = [];
  let first = true, lastValidation = validationSeconds;
  return {
    step(time) {
      if (!first) taken.push(time);
      first = false;
      if (taken.length > window) taken.shift();
    },
    validation: (seconds) => void (lastValidation = seconds),
    left({ steps, uncached = steps, validations }) {
      const known = taken.length < enough - 1 && trial !== undefined ? [...taken, trial] : taken;
      if (known.length === 0) return undefined;
      const computing = mean(known.map(({ seconds, drawing }) => seconds - drawing));
      const drawing = mean(known.map(({ drawing }) => drawing));
      return steps * computing + uncached * drawing + (validations > 0 ? validations * (lastValidation ?? 0) : 0);
    },
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

/** Writes a time in words, such as "2 h 10 min", "3 min" or "40 s". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
}
