/** Runs a command in folders with names that shells, addresses and patterns read otherwise. */
import type { Ground, Outcome } from "./ground.ts";

const names = [
  ...["with space", "hash#mark", "100%41", "quote'and\"double", "\u00fcn\u00efc\u00f6de \u65e5\u672c", "new\nline"],
  ...["-dash", "back\\slash", "[brackets]*?", " spaces around ", "question?mark=1&2", "$HOME ~", "x".repeat(200)],
];

/** Tries each name. */
export async function oddFolders(ground: Ground, count: number, until: number): Promise<Outcome> {
  const outcome = ground.outcome("odd folder names");
  for (const name of names.slice(0, count)) {
    if (performance.now() > until) break;
    const cwd = await ground.folder(name), found = outcome.findings.length;
    outcome.tried++;
    ground.judge(outcome, await ground.start(ground.subject.args, cwd).ended, cwd);
    ground.checkWhole(outcome, cwd);
    outcome.findings.splice(found, Infinity, ...outcome.findings.slice(found).map((what) => `"${name}": ${what}`));
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}
