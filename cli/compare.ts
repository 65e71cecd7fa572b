/**
 * `deno task compare BEFORE.jsonl AFTER.jsonl`: which queries were won and lost, and whether that is more than chance.
 */
import { command, runCommand } from "./command.ts";
import { faults } from "./faults.ts";
import { path, wholeNumber } from "./options.ts";

const compare = command("compare", "Compares two files of ranking results query by query.", [
  "deno task compare results/cirr-val/text-only.jsonl results/cirr-val/phi-text.jsonl",
  "deno task compare frozen.jsonl fine-tuned.jsonl --metric mAP@5 --show 20",
])
  .argument("<before>", "results of the one system, as evaluate writes them", path())
  .argument("<after>", "results of the other system, on the same queries", path())
  .option("--metric <name>", "R@k, Rs@k (CIRR's subset), mAP@k or mAP (i-CIR)", "R@1")
  .option("--show <count>", "queries of each side to name", wholeNumber(0), 10);

await runCommand(compare, async ({ metric, show }, [before, after]) => {
  const { compareResults, readResults } = await import("../lib/evaluation/ranking_results.ts");
  const { interval } = await import("../lib/report/intervals.ts");
  const found = faults();
  const first = await found.check(`Reading ${before}`, () => readResults(before));
  const second = await found.check(`Reading ${after}`, () => readResults(after));
  found.throwIfAny("The comparison");
  const result = compareResults({ before: first!, after: second!, metric }), { queries, won, lost, signTest } = result;
  const drawn = first!.some(({ gallery }) => gallery !== undefined) ? "instances, with all queries of each" : "queries";
  console.log(
    `${metric} over ${queries} queries: ${result.before.toFixed(2)} -> ${result.after.toFixed(2)}, ` +
      `${interval(result.interval)} (95 %, paired bootstrap over ${drawn})`,
  );
  console.log(
    `won ${won.length}, lost ${lost.length}; sign test p = ${signTest.toPrecision(2)}: ` +
      (signTest < 0.05 ? "more than chance" : "chance alone could do it"),
  );
  console.log(`won: ${won.slice(0, show).join(", ")}${won.length > show ? ", ..." : ""}`);
  console.log(`lost: ${lost.slice(0, show).join(", ")}${lost.length > show ? ", ..." : ""}`);
});
