/** Runs a command as a user who may not write into its folder, then as one who may. */
import { dirname } from "node:path";
import type { Ground, Outcome } from "./ground.ts";
import { filesBelow } from "./whole_files.ts";

/** The user and group "nobody". */
const nobody = 65534;

/** Tries the folder itself, and one of its folders of results that another user made before. */
export async function readOnly(ground: Ground, _count: number, until: number): Promise<Outcome> {
  const { subject } = ground, outcome = ground.outcome("read-only folder, not root");
  if (Deno.uid() !== 0) {
    outcome.note = "SKIPPED: only root can become another user";
    return outcome;
  }
  const through = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  const folders = new Set(["", ...subject.results.map(dirname), ...subject.caches].filter((one) => one !== "."));
  for (const inside of folders) {
    if (performance.now() > until) break;
    const cwd = await ground.folder(), deno = await readableDeno(dirname(cwd));
    const home = `${dirname(cwd)}/home`, options = { through, deno, env: { DENO_DIR: home, HOME: home } };
    await Deno.mkdir(home);
    await Deno.mkdir(`${cwd}/${inside}`, { recursive: true });
    // The folder is another user's; those above it are not.
    for (const folder of [home, ...above(cwd, inside)]) await Deno.chown(folder, nobody, nobody);
    await Deno.chmod(`${cwd}/${inside}`, 0o555);
    const before = filesBelow(cwd).join();
    outcome.tried++;
    const how = ground.judge(outcome, await ground.start(subject.args, cwd, options).ended, cwd);
    if (how === "completed") outcome.findings.push(`wrote into a read-only folder "${inside}"`);
    const after = filesBelow(cwd).join();
    if (how === "refused" && after !== before) outcome.findings.push(`refused after it had written: ${after}`);
    await Deno.chmod(`${cwd}/${inside}`, 0o777);
    await ground.complete(outcome, cwd, options);
    await Deno.remove(dirname(cwd), { recursive: true });
  }
  return outcome;
}

/** The folders from `cwd` down to the one that holds `inside`; none where that is `cwd` itself. */
function above(cwd: string, inside: string): string[] {
  const names = inside.split("/").filter((name) => name !== "");
  return names.map((_, depth) => [cwd, ...names.slice(0, depth)].join("/"));
}

/** The program where every user may read it: the folder in which it is installed may be root's own. */
async function readableDeno(folder: string): Promise<string> {
  const path = `${folder}/deno`;
  await Deno.link(Deno.execPath(), path).catch(() => Deno.copyFile(Deno.execPath(), path));
  return path;
}
