/**
 * `deno task fuzz`: mutated inputs for every parser. Each has to be read, or refused by an error of one sentence that
 * names the file, in bounded time and memory. The same seed gives the same inputs, of which more seconds try more.
 */
import { basename } from "node:path";
import { command, runCommand } from "../cli/command.ts";
import { listOf, realNumber, wholeNumber } from "../cli/options.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { filePath } from "../lib/io/path.ts";
import { table } from "../lib/report/table.ts";
import type { Finding, FuzzReport } from "./fuzz/campaign.ts";
import { inputAt } from "./fuzz/inputs.ts";
import { takeLastInputs } from "./fuzz/last_input.ts";
import { makeParser, parserNames } from "./fuzz/parsers.ts";
import { fuzzWatched } from "./fuzz/watched.ts";

const checkout = filePath(new URL("../", import.meta.url));

const fuzz = command("fuzz", "Feeds mutated inputs to every parser; fails if one breaks anything.", [
  "deno task fuzz",
  "deno task fuzz --seconds 600 --seed 7",
  "deno task fuzz --only zip,pickle --seconds 60",
])
  .option("--seconds <number>", "time for all parsers together, divided evenly", realNumber(0.1), 30)
  .option("--seed <number>", "seed of the mutations", wholeNumber(0), 1)
  .addOption(listOf("--only <parsers>", "parsers, separated by commas (default: all)", parserNames));

await runCommand(fuzz, async ({ seconds, seed, only = parserNames }, _args, session) => {
  const out = `${checkout}results/fuzz`, cache = `${checkout}.cache/fuzz`;
  await Deno.mkdir(cache, { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: cache, prefix: "files-" }), notes = `${cache}/running`;
  const reports: FuzzReport[] = [], died = takeLastInputs(notes);
  try {
    for (const { parser, seed, number } of died) {
      const file = await keepInput({ parser, number, file: "" }, seed, { out, scratch });
      console.log(
        `${parser}, seed ${seed}, input ${number} (${file}):\n  a run before died while it read this input\n`,
      );
    }
    for (const [i, parser] of only.entries()) {
      const order = { parser, seed, seconds: seconds / only.length, inputs: Infinity, from: 0 };
      const onLook = (number: number) => session.stage(parser, i, only.length, `input ${number}`);
      reports.push(await fuzzWatched({ ...order, scratch: `${scratch}/${parser}`, notes }, onLook));
    }
    session.stageDone();
    console.log(`\n${tableOf(reports).text()}`);
    const findings = reports.flatMap(({ findings }) => findings);
    for (const finding of findings) {
      const file = await keepInput(finding, seed, { out, scratch });
      console.log(`\n${finding.parser}, seed ${seed}, input ${finding.number} (${file}):\n  ${finding.what}`);
    }
    const tried = reports.reduce((sum, { inputs }) => sum + inputs, 0);
    const broken = reports.reduce((sum, { broken }) => sum + broken, 0);
    console.log(`\n${tried} inputs, ${broken} broke something, in ${findings.length} kinds`);
    return broken + died.length > 0 ? 1 : 0;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
});

/** Writes the input of a finding, to be looked at, and to be put into the corpus. @returns its path */
async function keepInput(
  { parser, number, file }: Pick<Finding, "parser" | "number" | "file">,
  seed: number,
  { out, scratch }: { out: string; scratch: string },
): Promise<string> {
  const input = inputAt(await makeParser(parser, `${scratch}/again-${parser}-${number}`), parser, seed, number);
  const path = `${out}/${parser}/${seed}-${number}/${basename(file || input.file)}`;
  await writeAtomically(path, input.bytes);
  return path;
}

function tableOf(reports: readonly FuzzReport[]) {
  const rows = reports.map(({ parser, inputs, read, refused, broken, seconds, peakMemory }) => [
    parser,
    ...[inputs, read, refused, broken, Math.round(inputs / seconds), Math.round(peakMemory / 2 ** 20)].map(String),
  ]);
  return table(["parser", "inputs", "read", "refused", "findings", "inputs a second", "peak memory, MiB"], rows);
}
