/** `deno task data-check NAME --data DIR`: what of a benchmark is there, and what is missing. */
import { benchmarkNames } from "../lib/benchmarks/benchmark.ts";
import { command, runCommand } from "./command.ts";
import { choice, oneOf, path } from "./options.ts";

const dataCheck = command("data-check", "Says what of a benchmark's files is there, and what is missing.", [
  "deno task data-check cirr --data CIRR",
  "deno task data-check fashioniq --data FashionIQ --decode",
])
  .argument("<benchmark>", benchmarkNames.join(", "), choice(benchmarkNames))
  .requiredOption("--data <folder>", "the benchmark's folder, in the layout that its authors prescribe", path())
  .option("--split <name>", "one split (default: all of them)")
  .addOption(
    oneOf("--counts <name>", "as-found for a part of a benchmark", ["published", "as-found"])
      .default("published" as const),
  )
  .option("--decode", "open every image too");

await runCommand(dataCheck, async ({ data: root, split, counts, decode }, [benchmark], session) => {
  const { benchmarkSplits, openBenchmark } = await import("../lib/benchmarks/open_benchmark.ts");
  const { checkImages } = await import("../lib/benchmarks/image_check.ts");
  // GeneCIS' "all" is the sum of its tasks.
  const splits = split ? [split] : benchmarkSplits[benchmark].filter((name) => name !== "all");
  let complete = true;
  for (const split of splits) {
    try {
      const parts = await openBenchmark({ benchmark, root, split, counts });
      for (const { part, queries, gallery, galleries } of parts) {
        console.log(
          `${benchmark} ${split}${part === benchmark ? "" : ` ${part}`}: ${queries.length} queries, ` +
            `${gallery.length} images to rank${galleries ? ` in ${galleries.size} galleries` : ""}${
              counts === "published" ? ", as published" : ""
            }`,
        );
      }
      const { found, missing, unreadable } = await checkImages(root, parts, {
        decode,
        onProgress(done, total) {
          session.stage(`images of ${split}`, done, total);
        },
      });
      session.stageDone();
      const total = found.length + missing.length + unreadable.length;
      console.log(`  images: ${found.length} of ${total} are there${decode ? " and can be read" : ""}`);
      if (missing.length > 0) console.log(`  missing: ${missing.length}, the first ${missing.slice(0, 10).join(", ")}`);
      for (const { id, reason } of unreadable.slice(0, 10)) console.log(`  unreadable: ${id}: ${reason}`);
      if (unreadable.length > 10) console.log(`  unreadable: ${unreadable.length} in all`);
      if (found.length < total) complete = false;
    } catch (error) {
      session.signal.throwIfAborted();
      console.log(`${benchmark} ${split}: ${(error as Error).message}`);
      complete = false;
    }
  }
  console.log(complete ? "complete" : "incomplete");
  return complete ? 0 : 1;
});
