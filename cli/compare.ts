/** `deno task compare BEFORE.jsonl AFTER.jsonl`: which queries were won and lost, and whether that is more than chance. */
import { compareResults, readResults } from "../lib/evaluation/ranking_results.ts";
import { interval } from "../lib/emoji/report/main_tables.ts";
import { fail, readOptions } from "./options.ts";

try {
  const [before, after, ...args] = Deno.args;
  const options = readOptions("compare BEFORE AFTER", {
    metric: { default: "R@1", help: "R@k, Rs@k (CIRR's subset) or mAP@k" },
    show: { default: "10", help: "queries of each side to name" },
  }, args);
  if (!before || !after || [before, after].some((name) => name.startsWith("--"))) {
    throw new Error("Two files are needed: deno task compare BEFORE.jsonl AFTER.jsonl [--metric R@1].");
  }
  const result = compareResults(await readResults(before), await readResults(after), options.metric!);
  const { metric, queries, won, lost, signTest } = result, show = Number(options.show);
  console.log(
    `${metric} over ${queries} queries: ${result.before.toFixed(2)} -> ${result.after.toFixed(2)}, ` +
      `${interval(result.interval)} (95 %, paired bootstrap over queries)`,
  );
  console.log(
    `won ${won.length}, lost ${lost.length}; sign test p = ${signTest.toPrecision(2)}: ` +
      (signTest < 0.05 ? "more than chance" : "chance alone could do it"),
  );
  console.log(`won: ${won.slice(0, show).join(", ")}${won.length > show ? ", ..." : ""}`);
  console.log(`lost: ${lost.slice(0, show).join(", ")}${lost.length > show ? ", ..." : ""}`);
  Deno.exit(0);
} catch (error) {
  fail(error);
}
