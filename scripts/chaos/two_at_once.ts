/** Starts a command twice in one folder, the second a random moment after the first. */
import type { Ground, Outcome } from "./ground.ts";

/** Does it `count` times, or until the time is over. */
export async function twoAtOnce(ground: Ground, count: number, until: number): Promise<Outcome> {
  const { subject, rng, duration } = ground, outcome = ground.outcome("two at once");
  while (outcome.tried < count && performance.now() < until) {
    const cwd = await ground.folder(), first = ground.start(subject.args, cwd);
    await new Promise((resume) => setTimeout(resume, 0.7 * duration * rng.uniform()));
    const second = ground.start(rng.int(2) === 0 ? subject.args : subject.again, cwd);
    outcome.tried++;
    // Only when both have ended: what one writes after the other's end counts too.
    const both = await Promise.all([first.ended, second.ended]);
    ground.checkWhole(outcome, cwd);
    const how = both.map((ended) => ground.judge(outcome, ended, cwd));
    if (!how.includes("completed")) await ground.complete(outcome, cwd);
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}
