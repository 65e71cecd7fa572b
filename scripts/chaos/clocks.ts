/**
 * Kills a command, sets the clock back or forth, and lets it go on: by the dates of all files, and by a false clock.
 */
import type { Ground, Outcome } from "./ground.ts";
import { filesBelow } from "./whole_files.ts";

const dates = { past: new Date("2001-09-09T01:46:40Z"), future: new Date("2040-01-01T00:00:00Z") };

/** Tries both dates, and a clock a year behind where faketime is installed. */
export async function clocks(ground: Ground, _count: number, until: number): Promise<Outcome> {
  const { subject, duration } = ground, outcome = ground.outcome("clock set back");
  const falseClock = await isInstalled("faketime");
  const turns: [name: string, date?: Date, through?: string[]][] = [
    ["files of the past", dates.past],
    ["files of the future", dates.future],
    ...(falseClock
      ? [["a clock a year behind", undefined, ["faketime", "-f", "-1y"]] as [string, undefined, string[]]]
      : []),
  ];
  if (!falseClock) outcome.note = "a false clock was SKIPPED: faketime is not installed";
  for (const [name, date, through] of turns) {
    if (performance.now() > until) break;
    const cwd = await ground.folder(), running = ground.start(subject.args, cwd);
    const timer = setTimeout(running.kill, 0.75 * duration);
    await running.ended;
    clearTimeout(timer);
    for (const path of date ? filesBelow(cwd) : []) await Deno.utime(`${cwd}/${path}`, date!, date!).catch(() => {});
    const found = outcome.findings.length;
    outcome.tried++;
    await ground.complete(outcome, cwd, { through });
    // And once more over what is finished.
    await ground.complete(outcome, cwd, { through });
    ground.checkWhole(outcome, cwd);
    outcome.findings.splice(found, Infinity, ...outcome.findings.slice(found).map((what) => `${name}: ${what}`));
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
