/**
 * `deno task notebooks`: runs every notebook headless, in a copy, and fails on an error or a cell that shows nothing.
 * With `--write` the executed notebooks, outputs included, replace the committed ones.
 */
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { jupyter } from "./jupyter.ts";
import { command, runCommand } from "../cli/command.ts";
import { run } from "./python.ts";

/** The part of the notebook format (nbformat 4) that is looked at. */
interface Notebook {
  cells: {
    cell_type: string;
    source: string | string[];
    metadata: { tags?: string[]; execution?: unknown };
    outputs?: {
      output_type: string;
      ename?: string;
      evalue?: string;
      data?: Record<string, unknown>;
      text?: unknown;
    }[];
  }[];
}

const notebooks = command("notebooks", "Runs the notebooks headless; an error or a cell that shows nothing fails.", [
  "deno task notebooks --only 02",
  "deno task notebooks --write",
])
  .option("--write", "keep the outputs in notebooks/")
  .option("--only <start>", "names that begin so", "");

await runCommand(notebooks, async ({ write, only }, _args, session) => {
  const all = [...Deno.readDirSync("notebooks")].map(({ name }) => name).filter((name) => name.endsWith(".ipynb"))
    .sort();
  const names = all.filter((name) => name.startsWith(only));
  if (names.length === 0) {
    throw new Error(`Running notebooks failed: no name begins with "${only}"; there are ${all.join(", ")}.`);
  }
  const { python, env } = await jupyter();
  const folder = await Deno.makeTempDir();
  for (const name of names) {
    session.signal.throwIfAborted();
    const started = performance.now();
    const out = `${folder}/${name}`;
    await run(python, ["scripts/run_notebook.py", `notebooks/${name}`, out], "see the failed cell above", env);
    const executed: Notebook = JSON.parse(await Deno.readTextFile(out));
    const empty = emptyCells(executed);
    if (empty.length > 0) throw new Error(`notebooks/${name}: cells that show nothing: ${empty.join("; ")}`);
    if (write) {
      // Times of execution would make every run another file.
      for (const { metadata } of executed.cells) delete metadata.execution;
      await writeAtomically(`notebooks/${name}`, JSON.stringify(executed, null, 1) + "\n");
    }
    console.log(`notebooks/${name} ran in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  await Deno.remove(folder, { recursive: true });
  console.log(`${names.length} notebooks ran, every cell showed something`);
});

/** First lines of code cells without output; a cell tagged "silent" (imports, parameters) may be so. */
function emptyCells({ cells }: Notebook): string[] {
  return cells
    .filter(({ cell_type, outputs, metadata }) =>
      cell_type === "code" && (outputs ?? []).length === 0 && !metadata.tags?.includes("silent")
    )
    .map(({ source }) => [source].flat().join("").split("\n")[0]);
}
