/** `deno task table DIR...`: results of evaluations and studies as one table, in Markdown, LaTeX or CSV. */
import { command, runCommand } from "./command.ts";
import { faults } from "./faults.ts";
import { oneOf, path } from "./options.ts";

const table = command(
  "table",
  "Puts the results of evaluations and studies into one table; other protocols get other columns.",
  [
    "deno task table results",
    "deno task table results/cirr-val other/cirr-val --form latex",
    "deno task table results/cirr-val results/main-results --metric R@1 --form csv > table.csv",
  ],
)
  .argument("<folders...>", "folders that evaluate or reproduce has written, or folders of such folders")
  .addOption(oneOf("--form <name>", "how it is printed", ["markdown", "latex", "csv"]).default("markdown" as const))
  .option("--metric <name>", "this figure alone, such as R@1");

await runCommand(table, async ({ form, metric }, [folders]) => {
  const { protocolNotes, readFigures, resultsTable, taskOf } = await import("../lib/report/results_table.ts");
  const { readStudyFigures } = await import("../lib/studies/study_figures.ts");
  const { csvText, latexText } = await import("../lib/report/table_files.ts");
  const found = faults(), all: Awaited<ReturnType<typeof readFigures>> = [];
  for (const typed of folders) {
    const folder = path()(typed);
    for (const [run, name, named] of await found.check(`Reading ${folder}`, () => runsIn(folder)) ?? []) {
      const task = await found.check(`Reading ${run}`, () => taskOf(run));
      if (!named && task !== "evaluate" && task !== "reproduce") {
        console.error(`left out: ${run} is no result of evaluate or reproduce`);
        continue;
      }
      const read = task === "reproduce" ? readStudyFigures : readFigures;
      all.push(...await found.check(`Reading ${run}`, () => read(run, name)) ?? []);
    }
  }
  const figures = metric === undefined ? all : all.filter((figure) => figure.metric === metric);
  if (metric !== undefined && figures.length === 0 && all.length > 0) {
    found.add(`--metric ${metric} is none of ${[...new Set(all.map((figure) => figure.metric))].join(", ")}.`);
  }
  found.throwIfAny("The table");
  // Other programs read CSV, where notes are no rows: each line names its protocol.
  const result = resultsTable(figures, { protocolColumn: form === "csv" }), notes = protocolNotes(result.protocols);
  if (form === "csv") console.log(csvText(result.table).trimEnd());
  else if (form === "latex") {
    console.log(`${notes.map((note) => `% ${note}`).join("\n")}\n${latexText(result.table).trimEnd()}`);
  } else console.log(`${result.table.markdown()}\n\n${notes.join("\n\n")}`);
});

/**
 * Returns the folder itself if it holds a result, else those of its folders that do, with their names, and whether the
 * user has named them.
 */
async function runsIn(folder: string): Promise<[path: string, name: string, named: boolean][]> {
  const name = folder.split("/").at(-1)!;
  if (await holdsResult(folder)) return [[folder, name, true]];
  const runs: [string, string, boolean][] = [];
  for await (const entry of Deno.readDir(folder)) {
    const inner = `${folder}/${entry.name}`;
    if (entry.isDirectory && await holdsResult(inner)) runs.push([inner, entry.name, false]);
  }
  if (runs.length === 0) throw new Error(`Reading ${folder} failed: neither it nor a folder in it has a result.json.`);
  return runs.sort(([a], [b]) => a < b ? -1 : 1);
}

async function holdsResult(folder: string): Promise<boolean> {
  return await Deno.stat(`${folder}/result.json`).then(({ isFile }) => isFile, () => false);
}
