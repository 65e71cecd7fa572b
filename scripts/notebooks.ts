/**
 * `deno task notebooks`: runs every notebook headless, in a copy, and fails on an error or a cell that shows nothing.
 * With `--write` the executed notebooks, outputs included, replace the committed ones.
 */
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { jupyter } from "./jupyter.ts";
import { command, runCommand } from "../cli/command.ts";
import { path } from "../cli/options.ts";
import { emptyCells, readNotebook } from "./docs/notebook.ts";
import { parameterNames, parseSettings, setParameters } from "./notebook_parameters.ts";
import { run } from "./python.ts";

const notebooks = command("notebooks", "Runs the notebooks headless; an error or a cell that shows nothing fails.", [
  "deno task notebooks --only 02",
  "deno task notebooks --write",
  "deno task notebooks --set steps=5 seeds=[1]",
])
  .option("--write", "keep the outputs in notebooks/")
  .option("--only <start>", "names that begin so", "")
  .option("--set <settings...>", "other values for the parameters cells, such as steps=5")
  .option("--folder <folder>", "where the notebooks are", path(), "notebooks");

await runCommand(notebooks, async ({ write, only, set = [], folder: home }, _args, session) => {
  const all = [...Deno.readDirSync(home)].map(({ name }) => name).filter((name) => name.endsWith(".ipynb"))
    .sort();
  const names = all.filter((name) => name.startsWith(only));
  if (names.length === 0) {
    throw new Error(`Running notebooks failed: no name begins with "${only}"; there are ${all.join(", ")}.`);
  }
  const settings = parseSettings(set);
  if (write && settings.size > 0) {
    throw new Error("Running notebooks failed: --write keeps outputs, and those of changed parameters are not kept.");
  }
  // All of them are read and changed before the first one runs.
  const sources = new Map(
    await Promise.all(names.map(async (name) => [name, await readNotebook(`${home}/${name}`)] as const)),
  );
  for (const setting of settings.keys()) {
    const without = [...sources].filter(([, source]) => !parameterNames(source).includes(setting));
    if (without.length === sources.size) {
      const known = [...sources].map(([name, source]) => `${name} has ${parameterNames(source).join(", ") || "none"}`);
      throw new Error(`Running notebooks failed: no parameters cell has "${setting}"; ${known.join("; ")}.`);
    }
    for (const [name] of without) console.log(`${home}/${name} has no parameter "${setting}"`);
  }
  const changed = new Map([...sources].map(([name, source]) => [name, setParameters(source, settings)]));
  const { python, env } = await jupyter();
  const folder = await Deno.makeTempDir();
  for (const name of names) {
    session.signal.throwIfAborted();
    const started = performance.now();
    const source = settings.size === 0 ? `${home}/${name}` : `${folder}/source-${name}`, out = `${folder}/${name}`;
    if (settings.size > 0) await Deno.writeTextFile(source, JSON.stringify(changed.get(name)));
    await run(python, ["scripts/run_notebook.py", source, out, home], "see the failed cell above", env);
    const executed = await readNotebook(out);
    const empty = emptyCells(executed);
    if (empty.length > 0) throw new Error(`${home}/${name}: cells that show nothing: ${empty.join("; ")}`);
    if (write) {
      // Times of execution would make every run another file.
      for (const { metadata } of executed.cells) delete metadata.execution;
      await writeAtomically(`${home}/${name}`, JSON.stringify(executed, null, 1) + "\n");
    }
    console.log(`${home}/${name} ran in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  await Deno.remove(folder, { recursive: true });
  console.log(`${names.length} notebook${names.length === 1 ? "" : "s"} ran, every cell showed something`);
});
