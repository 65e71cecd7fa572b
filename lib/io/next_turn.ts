/** Long work that other work must be able to interrupt. */

/** Lets signals, timers and files have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, 0));
}
