/** Runs a command from checkouts whose folders have odd names, with the data that comes with them. */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { filePath } from "../../lib/io/path.ts";
import type { Ground, Outcome } from "./ground.ts";

const names = ["with space", "hash#mark", "100%41", "\u00fcn\u00efc\u00f6de \u65e5\u672c", "question?mark"];

/** What a command needs of the checkout beside its packages. */
const copied = ["lib", "cli", "data/emoji-clip-small", "deno.json", "deno.lock", "mod.ts"];

/** Tries each name. */
export async function oddCheckouts(ground: Ground, count: number, until: number): Promise<Outcome> {
  const root = filePath(new URL("../../", import.meta.url)), outcome = ground.outcome("checkout in an odd folder");
  for (const name of names.slice(0, count)) {
    if (performance.now() > until) break;
    const cwd = await ground.folder(), checkout = `${dirname(cwd)}/${name}`;
    for (const path of copied) await copy(`${root}${path}`, `${checkout}/${path}`);
    // As hard links: what a permission names has to lie in this checkout.
    await new Deno.Command("cp", { args: ["-al", `${root}node_modules`, `${checkout}/node_modules`] }).output();
    const found = outcome.findings.length;
    outcome.tried++;
    const options = { checkout: pathToFileURL(`${checkout}/`) };
    ground.judge(outcome, await ground.start(ground.subject.args, cwd, options).ended, cwd);
    ground.checkWhole(outcome, cwd);
    outcome.findings.splice(found, Infinity, ...outcome.findings.slice(found).map((what) => `"${name}": ${what}`));
    await Deno.remove(dirname(cwd), { recursive: true });
  }
  return outcome;
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) {
    await Deno.mkdir(dirname(to), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}
