/** The ways to mask keywords, in a file of their own so that a command can list them without loading TensorFlow.js. */

/**
 * How keywords are masked. "position" (the default) masks each run where it stands. "released" replaces the run's text
 * wherever it occurs, as the released program does (navervision/lincir, commit 1dec42d): inside of other words too, so
 * that with the keyword "a" the word "parked" becomes "p[$]rked".
 */
export const maskings = ["position", "released"] as const;
/** One of {@linkcode maskings}. */
export type Masking = typeof maskings[number];
