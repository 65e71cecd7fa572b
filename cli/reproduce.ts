/** `deno task reproduce`: a study's table, on an embedded world or on the CLIPs and benchmarks that a file names. */
import { command, runCommand } from "./command.ts";
import { InvalidArgumentError } from "./commander.ts";
import { deviceOption, path, shard, wholeNumber } from "./options.ts";
import { recipeHelp, settings } from "./train_settings.ts";

const reproduce = command(
  "reproduce",
  "Runs a study and prints its table; finished runs are read from the cache.",
  [
    "deno task reproduce --list",
    "deno task reproduce components",
    "deno task reproduce components --set steps=20 --seeds 1 --cache results/short",
    "deno task reproduce components --testbed scenes --split-seed 1",
    'deno task reproduce phi-seeds --testbed scenes --phi "LinCIR, seed 2=lincir-2.safetensors"',
    "deno task reproduce main-results --testbed real.json --shard 3/8",
  ],
)
  .argument("[study]", "name of the study, see --list")
  .option("--list", "what each study asks, its runs, and how long they take here")
  .option(
    "--testbed <name>",
    '"emoji", "scenes", either with "-validation", or a JSON file that names CLIPs, triplets and benchmarks',
    "emoji",
  )
  .option(
    "--split-seed <seed>",
    "seed of an embedded testbed's split of families or kinds (default: 0)",
    wholeNumber(0),
  )
  .option("--seeds <count>", "runs of each fine-tuning (default: the study's, 3 as a rule)", wholeNumber(1))
  .option("--set <choices>", `changes of the recipe for all runs, such as steps=20,batch=32. ${recipeHelp}`, settings)
  .option("--clips <names>", "CLIPs of the testbed, separated by commas (default: those of the study)", names)
  .option("--phis <names>", "phis of each CLIP, separated by commas (default: those of the study)", names)
  .option(
    "--phi <name=file...>",
    'with scenes: further phis, such as "LinCIR, seed 2=phi.safetensors"; the study stands before this option',
    namedFile,
  )
  .option(
    "--only <text>",
    "the variants with this text in their names, and those that they are compared with; may be given more than once",
    (text: string, before: readonly string[] = []) => [...before, text],
  )
  .option(
    "--shard <share>",
    "a share of the runs, such as 3/8, for several processes or machines with one cache",
    shard(),
  )
  .option("--cache <folder>", "finished runs (default: data/runs)", path())
  .option(
    "--out <folder>",
    "table.csv, table.tex, figures.csv, figures of its sections as SVG, report.html, result.json (default: results/STUDY)",
    path(),
  )
  .addOption(deviceOption());

await runCommand(reproduce, async (options, [name], session) => {
  const { checkReproduction } = await import("./reproduce_checks.ts");
  const task = await checkReproduction({ ...options, study: name }, session);
  const { printList, runReproduction } = await import("./reproduce_run.ts");
  if (task.study) await runReproduction({ ...task, study: task.study }, session);
  else await printList(task, session);
});

/** Reads names that commas separate. */
function names(text: string): string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** Reads a name and a file, and adds them to those before. */
function namedFile(text: string, before: readonly [string, string][] = []): [string, string][] {
  const [, name, file] = text.match(/^([^=]+)=(.+)$/) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError("is not a name, =, and a file; the name of a study stands before --phi");
  }
  if (before.some(([other]) => other === name.trim())) {
    throw new InvalidArgumentError("names a phi that is named already");
  }
  return [...before, [name.trim(), path()(file)]];
}
