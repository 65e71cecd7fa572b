/** `deno task submission-check FILE...`: what the servers of CIRR and CIRCO would refuse. */
import { command, runCommand } from "./command.ts";
import { faults } from "./faults.ts";
import { oneOf, path } from "./options.ts";

const submissionCheck = command("submission-check", "Says what the servers of CIRR and CIRCO would refuse.", [
  "deno task submission-check results/cirr-test1/cirr-test1-recall.json results/cirr-test1/cirr-test1-recall_subset.json",
  "deno task submission-check results/circo-test/circo-test.json --data CIRCO",
])
  .argument("<files...>", "submissions, as evaluate writes them")
  .option("--data <folder>", "the benchmark's folder: then queries and images are checked too", path())
  .option("--split <name>", "the split (default: test1 for CIRR, test for CIRCO)")
  .addOption(
    oneOf("--counts <name>", "as-found for a part of a benchmark", ["published", "as-found"])
      .default("published" as const),
  );

await runCommand(submissionCheck, async ({ data, split, counts }, [names]) => {
  const { checkSubmission } = await import("../lib/evaluation/submissions.ts");
  const { openBenchmark } = await import("../lib/benchmarks/open_benchmark.ts");
  const { readText } = await import("../lib/io/read_file.ts");
  const found = faults(), submissions: { file: string; text: string }[] = [];
  for (const file of names.map(path())) {
    const text = await found.check(`Reading ${file}`, () => readText("a submission", file));
    if (text !== undefined) submissions.push({ file, text });
  }
  found.throwIfAny("The check");
  const kinds = new Set<string>();
  let good = true;
  for (const { file, text } of submissions) {
    const benchmark = checkSubmission(text, file).kind === "CIRCO" ? "circo" : "cirr";
    const testSplit = split ?? (benchmark === "circo" ? "test" : "test1");
    const [part] = data ? await openBenchmark({ benchmark, root: data, split: testSplit, counts }) : [];
    const { kind, queries, faults } = checkSubmission(text, file, part);
    kinds.add(kind);
    console.log(`${file}: ${kind}, ${queries} queries, ${faults.length === 0 ? "good" : `${faults.length} faults`}`);
    faults.slice(0, 20).forEach((fault) => console.log(`  ${fault}`));
    if (faults.length > 0) good = false;
  }
  const pair = ["CIRR recall", "CIRR recall_subset"], absent = pair.find((kind) => !kinds.has(kind));
  if (pair.some((kind) => kinds.has(kind)) && absent) {
    console.log(`CIRR's server takes two files; "${absent}" is not among these.`);
    good = false;
  }
  if (!data) console.log("Only the form was checked; --data DIR checks queries and images too.");
  return good ? 0 : 1;
});
