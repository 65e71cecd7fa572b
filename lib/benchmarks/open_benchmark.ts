/** Reads a benchmark by its name. */
import { filePath, type Path } from "../io/path.ts";
import { shown } from "../io/shown.ts";
import type { BenchmarkName, BenchmarkPart, Counts } from "./benchmark.ts";
import { circoSplits, readCirco } from "./circo.ts";
import { cirrSplits, readCirr } from "./cirr.ts";
import { cocoSplits, readCoco } from "./coco.ts";
import { fashioniqSplits, readFashioniq } from "./fashioniq.ts";
import { type GenecisTask, genecisTasks, readGenecis } from "./genecis.ts";
import { icirSplits, readIcir } from "./icir.ts";
import { type Wording, wordingFault } from "./wording.ts";

/** The splits of each benchmark; those of GeneCIS are its tasks, and "all" of them. i-CIR is for evaluation alone. */
export const benchmarkSplits: Record<BenchmarkName, readonly string[]> = {
  cirr: Object.keys(cirrSplits),
  circo: Object.keys(circoSplits),
  fashioniq: Object.keys(fashioniqSplits),
  genecis: ["all", ...Object.keys(genecisTasks)],
  coco: Object.keys(cocoSplits),
  icir: Object.keys(icirSplits),
};

/** Returns the splits of a benchmark. @throws {Error} if there is no benchmark of this name */
export function splitsOf(name: BenchmarkName): readonly string[] {
  if (Object.hasOwn(benchmarkSplits, name)) return benchmarkSplits[name];
  throw new Error(
    `Opening a benchmark failed: there is no benchmark ${shown(name)}; there are ${
      Object.keys(benchmarkSplits).join(", ")
    }.`,
  );
}

/** Options of {@linkcode openBenchmark}. */
export interface OpenBenchmarkOptions {
  /** The benchmark. */
  benchmark: BenchmarkName;
  /** The folder that holds its files, in the layout that its authors prescribe. */
  root: Path;
  /** One of {@linkcode benchmarkSplits}. */
  split: string;
  /** Whether counts must be the published ones; they must by default. */
  counts?: Counts;
  /** How queries are worded; "paper" by default. */
  wording?: Wording;
}

/**
 * Reads a split of a benchmark, one part for each of its galleries; image files are not opened.
 *
 * @throws {Error} if there is no such benchmark or split, or a file is missing, of another version, or contradicts
 *   itself
 * @example
 * ```ts ignore
 * import { openBenchmark } from "@rtd/toolkit/benchmarks";
 *
 * const [{ queries, gallery }] = await openBenchmark({ benchmark: "cirr", root: "CIRR", split: "val" });
 * console.log(queries.length, gallery.length); // 4181 2297
 * ```
 */
export async function openBenchmark(
  { benchmark: name, root: folder, split, counts = "published", wording = "paper" }: OpenBenchmarkOptions,
): Promise<BenchmarkPart[]> {
  const root = filePath(folder), splits = splitsOf(name);
  if (!splits.includes(split)) {
    throw new Error(
      `Reading ${name} failed: there is no split "${split}"; there are ${splits.join(", ")}.`,
    );
  }
  const fault = wordingFault(wording, name);
  if (fault !== undefined) throw new Error(`Reading ${name} failed: ${fault}.`);
  switch (name) {
    case "cirr":
      return await readCirr(root, split as keyof typeof cirrSplits, counts);
    case "circo":
      return await readCirco(root, split as keyof typeof circoSplits, counts);
    case "fashioniq":
      return await readFashioniq(root, split as keyof typeof fashioniqSplits, counts, wording);
    case "genecis":
      return await readGenecis(root, split === "all" ? undefined : [split as GenecisTask], counts, wording);
    case "coco":
      return await readCoco(root, counts);
    case "icir":
      return await readIcir(root, counts);
  }
}
