/** A benchmark by its name. */
import { filePath, type Path } from "../io/path.ts";
import type { BenchmarkName, BenchmarkPart, Counts } from "./benchmark.ts";
import { circoSplits, readCirco } from "./circo.ts";
import { cirrSplits, readCirr } from "./cirr.ts";
import { cocoSplits, readCoco } from "./coco.ts";
import { fashioniqSplits, readFashioniq } from "./fashioniq.ts";
import { type GenecisTask, genecisTasks, readGenecis } from "./genecis.ts";

/** The splits of each benchmark; GeneCIS' are its tasks. */
export const benchmarkSplits: Record<BenchmarkName, readonly string[]> = {
  cirr: Object.keys(cirrSplits),
  circo: Object.keys(circoSplits),
  fashioniq: Object.keys(fashioniqSplits),
  genecis: ["all", ...Object.keys(genecisTasks)],
  coco: Object.keys(cocoSplits),
};

/**
 * Reads a benchmark's split.
 * @param folder the folder that holds its files, in the layout that its authors prescribe
 * @throws {Error} if there is no such split, or reading fails
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
