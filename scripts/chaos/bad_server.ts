/** Lets a server cut, lie or send too much, and then be honest. */
import type { Ground, Outcome } from "./ground.ts";
import type { Manner } from "./slow_hub.ts";

const manners: readonly Manner[] = ["cut", "lie", "too long", "stall"];

/** Tries each manner; a stall takes as long as the client's limit. */
export async function badServer(ground: Ground, count: number, until: number): Promise<Outcome> {
  const { subject } = ground, { hub } = subject, outcome = ground.outcome("server cuts, lies, stalls");
  if (!hub) {
    outcome.note = "has no server";
    return outcome;
  }
  for (const manner of manners.slice(0, count)) {
    if (performance.now() > until) break;
    const cwd = await ground.folder();
    hub.manner = manner;
    outcome.tried++;
    const how = ground.judge(outcome, await ground.start(subject.args, cwd).ended, cwd);
    if (how === "completed") outcome.findings.push(`${manner}: was believed`);
    ground.checkWhole(outcome, cwd);
    hub.manner = "honest";
    await ground.complete(outcome, cwd);
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}
