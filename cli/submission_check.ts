/** `deno task submission-check FILE...`: what the servers of CIRR and CIRCO would refuse. */
import type { BenchmarkPart } from "../lib/benchmarks/benchmark.ts";
import { readCirco } from "../lib/benchmarks/circo.ts";
import { readCirr } from "../lib/benchmarks/cirr.ts";
import { checkSubmission, type SubmissionKind } from "../lib/evaluation/submissions.ts";
import { fail, oneOf, readOptions } from "./options.ts";

async function check(): Promise<number> {
  const first = Deno.args.findIndex((arg) => arg.startsWith("--"));
  const files = first < 0 ? Deno.args : Deno.args.slice(0, first);
  const options = readOptions("submission-check FILE...", {
    data: { help: "the benchmark's folder: then queries and images are checked too" },
    split: { help: "test1 (CIRR) or test (CIRCO)" },
    counts: { default: "published", help: '"published", or "as-found" for a part of it' },
  }, first < 0 ? [] : Deno.args.slice(first));
  if (files.length === 0) throw new Error("No file was named: deno task submission-check FILE... [--data DIR].");
  const counts = oneOf("counts", options.counts!, ["published", "as-found"]);
  const kinds = new Set<SubmissionKind>();
  let good = true;
  for (const file of files) {
    const text = await Deno.readTextFile(file).catch((error) => {
      if (error instanceof Deno.errors.NotFound) throw new Error(`Checking ${file} failed: there is no such file.`);
      throw error;
    });
    let part: BenchmarkPart | undefined;
    if (options.data) {
      const { kind } = checkSubmission(text, file);
      [part] = kind === "CIRCO"
        ? await readCirco(options.data, oneOf("split", options.split ?? "test", ["val", "test"]), counts)
        : await readCirr(options.data, oneOf("split", options.split ?? "test1", ["val", "test1"]), counts);
    }
    const { kind, queries, faults } = checkSubmission(text, file, part);
    kinds.add(kind);
    console.log(`${file}: ${kind}, ${queries} queries, ${faults.length === 0 ? "good" : `${faults.length} faults`}`);
    faults.slice(0, 20).forEach((fault) => console.log(`  ${fault}`));
    if (faults.length > 0) good = false;
  }
  const pair: SubmissionKind[] = ["CIRR recall", "CIRR recall_subset"];
  if (pair.some((kind) => kinds.has(kind)) && !pair.every((kind) => kinds.has(kind))) {
    console.log(`CIRR's server takes two files; "${pair.find((kind) => !kinds.has(kind))}" is not among these.`);
    good = false;
  }
  if (!options.data) console.log("Only the form was checked; --data DIR checks queries and images too.");
  return good ? 0 : 1;
}

try {
  Deno.exit(await check());
} catch (error) {
  fail(error);
}
