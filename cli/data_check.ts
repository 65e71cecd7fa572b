/** `deno task data-check NAME --root DIR`: what of a benchmark is there, and what is missing. */
import { benchmarkNames } from "../lib/benchmarks/benchmark.ts";
import { benchmarkSplits, openBenchmark } from "../lib/benchmarks/open_benchmark.ts";
import { checkImages } from "../lib/benchmarks/image_check.ts";
import { progress } from "../lib/report/progress.ts";
import { fail, oneOf, readOptions } from "./options.ts";

async function check(): Promise<number> {
  const [name, ...args] = Deno.args;
  const benchmark = oneOf("benchmark", name?.startsWith("--") ? "" : name ?? "", benchmarkNames);
  const options = readOptions(`data-check ${benchmark}`, {
    root: { help: "the folder of the benchmark, in the layout that its authors prescribe" },
    split: { help: `${benchmarkSplits[benchmark].join(", ")} (all of them)` },
    counts: { default: "published", help: '"published", or "as-found" for a part of it' },
    decode: { flag: true, help: "open every image too" },
  }, args);
  if (!options.root) throw new Error("--root is missing: the folder of the benchmark.");
  const counts = oneOf("counts", options.counts!, ["published", "as-found"]);
  // GeneCIS' "all" is the sum of its tasks.
  const splits = options.split ? [options.split] : benchmarkSplits[benchmark].filter((split) => split !== "all");
  let good = true;
  for (const split of splits) {
    try {
      const parts = await openBenchmark(benchmark, options.root, split, counts);
      for (const { part, queries, gallery } of parts) {
        console.log(
          `${benchmark} ${split}${part === benchmark ? "" : ` ${part}`}: ${queries.length} queries, ` +
            `${gallery.length} images to rank${counts === "published" ? ", as published" : ""}`,
        );
      }
      const bar = progress(`images of ${split}`);
      const { found, missing, unreadable } = await checkImages(options.root, parts, {
        decode: options.decode === "true",
        onChecked: bar.update,
      });
      bar.done();
      const total = found.length + missing.length + unreadable.length;
      console.log(`  images: ${found.length} of ${total} are there${options.decode ? " and can be read" : ""}`);
      if (missing.length > 0) console.log(`  missing: ${missing.length}, the first ${missing.slice(0, 10).join(", ")}`);
      for (const { id, reason } of unreadable.slice(0, 10)) console.log(`  unreadable: ${id}: ${reason}`);
      if (unreadable.length > 10) console.log(`  unreadable: ${unreadable.length} in all`);
      if (found.length < total) good = false;
    } catch (error) {
      console.log(`${benchmark} ${split}: ${(error as Error).message}`);
      good = false;
    }
  }
  console.log(good ? "complete" : "incomplete");
  return good ? 0 : 1;
}

try {
  Deno.exit(await check());
} catch (error) {
  fail(error);
}
