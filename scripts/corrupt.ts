/**
 * `deno task corrupt`: corrupts one field of one file at a time of what an evaluation reads (annotations, images,
 * weights, configuration, tokenizer, cached features, captions), and tells whether the evaluation refuses it, says the
 * same, says something else with a trace of it (a hash, a count or a stamp), or says something else without one.
 */
import { command, runCommand } from "../cli/command.ts";
import { wholeNumber } from "../cli/options.ts";
import { filePath } from "../lib/io/path.ts";
import { table } from "../lib/report/table.ts";
import { corrupt, type Corrupted, fates } from "./corrupt/campaign.ts";
import { corruptionKinds } from "./corrupt/corruptions.ts";

const corruptCommand = command("corrupt", "Corrupts the miniatures; fails if a figure changes without a trace.", [
  "deno task corrupt",
  "deno task corrupt --count 1000 --seed 7",
])
  .option("--count <count>", "corruptions", wholeNumber(1), 100)
  .option("--seed <number>", "seed of the corruptions", wholeNumber(0), 1);

await runCommand(corruptCommand, async ({ count, seed }, _args, session) => {
  const cache = filePath(new URL("../.cache/corrupt", import.meta.url));
  await Deno.mkdir(cache, { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: cache });
  let found: Corrupted[];
  try {
    const onCorruption = (done: number) => session.stage("corrupting", done, count);
    found = await corrupt({ count, seed, scratch, onCorruption });
    session.stageDone();
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  const rows = [...corruptionKinds, "all"].map((kind) => {
    const own = found.filter(({ corruption }) => kind === "all" || corruption.kind === kind);
    return [kind, String(own.length), ...fates.map((fate) => String(own.filter((one) => one.fate === fate).length))];
  });
  console.log(`\n${table(["what was corrupted", "count", ...fates], rows).text()}`);
  const bad = found.filter(({ fate }) => fate === "changed without a trace" || fate === "raw error");
  for (const { setting, corruption: { kind, file, what, cached, unnoticed }, fate, message } of bad) {
    const how = `${cached ? "features cached before" : "features encoded anew"}, ${
      unnoticed ? "date kept" : "new date"
    }`;
    console.log(`\n${fate}: ${setting}, ${kind}, ${file} (${how}):\n  ${what}${message && `\n  ${message}`}`);
  }
  return bad.length > 0 ? 1 : 0;
});
