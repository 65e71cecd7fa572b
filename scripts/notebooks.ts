/**
 * `deno task notebooks`: runs every notebook headless, in a copy, and fails on an error or a cell that shows nothing.
 * With `--write` the executed notebooks, outputs included, replace the committed ones.
 */
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { jupyter } from "./jupyter.ts";
import { fail, readOptions } from "../cli/options.ts";
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

async function notebooks(): Promise<void> {
  const options = readOptions("notebooks", {
    write: { flag: true, help: "keep the outputs in notebooks/" },
    only: { default: "", help: "names that begin so" },
  });
  const { python, env } = await jupyter();
  const names = [...Deno.readDirSync("notebooks")].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb") && name.startsWith(options.only!)).sort();
  const folder = await Deno.makeTempDir();
  for (const name of names) {
    const started = performance.now();
    const out = `${folder}/${name}`;
    await run(python, ["scripts/run_notebook.py", `notebooks/${name}`, out], "see the failed cell above", env);
    const executed: Notebook = JSON.parse(await Deno.readTextFile(out));
    const empty = emptyCells(executed);
    if (empty.length > 0) throw new Error(`notebooks/${name}: cells that show nothing: ${empty.join("; ")}`);
    if (options.write === "true") {
      // Times of execution would make every run another file.
      for (const { metadata } of executed.cells) delete metadata.execution;
      await writeAtomically(`notebooks/${name}`, JSON.stringify(executed, null, 1) + "\n");
    }
    console.log(`notebooks/${name} ran in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  await Deno.remove(folder, { recursive: true });
  console.log(`${names.length} notebooks ran, every cell showed something`);
}

/** First lines of code cells without output; a cell tagged "silent" (imports, parameters) may be so. */
function emptyCells({ cells }: Notebook): string[] {
  return cells
    .filter(({ cell_type, outputs, metadata }) =>
      cell_type === "code" && (outputs ?? []).length === 0 && !metadata.tags?.includes("silent")
    )
    .map(({ source }) => [source].flat().join("").split("\n")[0]);
}

try {
  await notebooks();
} catch (error) {
  fail(error);
}
