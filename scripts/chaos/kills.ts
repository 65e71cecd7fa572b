/** Kills a command at random moments, several times in a row, and lets it end. */
import type { Ground, Outcome } from "./ground.ts";

/** Kills of one run in a row before it may end. */
const inARow = 5;

/**
 * Kills until `count` processes were killed while they ran, or the time is over. @param until as `performance.now()`
 */
export async function kills(ground: Ground, count: number, until: number): Promise<Outcome> {
  const { subject, rng } = ground, outcome = ground.outcome("killed at random moments");
  // The undisturbed run may have been slow by chance, and then no moment would come in time.
  let { duration } = ground;
  while (outcome.tried < count && performance.now() < until) {
    const cwd = await ground.folder();
    for (let row = 0; row < inARow && outcome.tried < count; row++) {
      // The first arguments where nothing is there to go on from, as a user would.
      const running = ground.start(row === 0 ? subject.args : subject.again, cwd), started = performance.now();
      const timer = setTimeout(running.kill, duration * (0.15 + rng.uniform()));
      const ended = await running.ended;
      clearTimeout(timer);
      ground.checkWhole(outcome, cwd);
      if (ended.code === 0) duration = Math.min(duration, performance.now() - started);
      if (ended.signal !== null) outcome.tried++;
      else if (ground.judge(outcome, ended, cwd) !== "refused") break;
    }
    await ground.complete(outcome, cwd);
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}
