/** Reads a benchmark by its name. */
import { filePath, type Path } from "../io/path.ts";
import type { BenchmarkName, BenchmarkPart, Counts } from "./benchmark.ts";
import { circoSplits, readCirco } from "./circo.ts";
import { cirrSplits, readCirr } from "./cirr.ts";
import { cocoSplits, readCoco } from "./coco.ts";
import { fashioniqSplits, readFashioniq } from "./fashioniq.ts";
import { type GenecisTask, genecisTasks, readGenecis } from "./genecis.ts";

/** The splits of each benchmark; those of GeneCIS are its tasks, and "all" of them. */
export const benchmarkSplits: Record<BenchmarkName, readonly string[]> = {
  cirr: Object.keys(cirrSplits),
  circo: Object.keys(circoSplits),
  fashioniq: Object.keys(fashioniqSplits),
  genecis: ["all", ...Object.keys(genecisTasks)],
  coco: Object.keys(cocoSplits),
};

/**
 * Reads a split of a benchmark, one part for each of its galleries; image files are not opened.
 *
 * @param folder the folder that holds its files, in the layout that its authors prescribe
 * @param split one of {@linkcode benchmarkSplits}
 * @param counts whether counts must be the published ones; they must by default
 * @throws {Error} if there is no such split, or a file is missing, of another version, or contradicts itself
 * @example
 * ```ts ignore
 * import { openBenchmark } from "@rtd/toolkit/benchmarks";
 *
 * const [{ queries, gallery }] = await openBenchmark("cirr", "CIRR", "val");
 * console.log(queries.length, gallery.length); // 4181 2297
 * ```
 */
export async function openBenchmark(
  name: BenchmarkName,
  folder: Path,
  split: string,
  counts: Counts = "published",
): Promise<BenchmarkPart[]> {
  const root = filePath(folder);
  if (!benchmarkSplits[name].includes(split)) {
    throw new Error(
      `Reading ${name} failed: there is no split "${split}"; there are ${benchmarkSplits[name].join(", ")}.`,
    );
  }
  switch (name) {
    case "cirr":
      return await readCirr(root, split as keyof typeof cirrSplits, counts);
    case "circo":
      return await readCirco(root, split as keyof typeof circoSplits, counts);
    case "fashioniq":
      return await readFashioniq(root, split as keyof typeof fashioniqSplits, counts);
    case "genecis":
      return await readGenecis(root, split === "all" ? undefined : [split as GenecisTask], counts);
    case "coco":
      return await readCoco(root, counts);
  }
}
