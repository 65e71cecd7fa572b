/** The JSON file that names a testbed's CLIPs, triplets and benchmarks; `testbed.schema.json` describes every key. */
import { dirname, isAbsolute, join } from "node:path";
import type { BenchmarkName, Counts } from "../benchmarks/benchmark.ts";
import type { Wording } from "../benchmarks/wording.ts";
import { defaultSplit } from "../evaluation/benchmark_data.ts";
import { type Faults, faults } from "../io/faults.ts";
import { filePath, type Path } from "../io/path.ts";
import { readText } from "../io/read_file.ts";
import { type Schema, schemaFaults } from "../io/schema_faults.ts";
import schema from "./testbed.schema.json" with { type: "json" };

/** The contents of the file; see `testbed.schema.json`. */
export interface TestbedFile {
  $schema?: string;
  name?: string;
  about?: string;
  recipe?: Record<string, unknown>;
  cache?: string;
  clips: readonly ClipEntry[];
  triplets: readonly TripletsEntry[];
  benchmarks: readonly BenchmarkEntry[];
}

/** A CLIP of the file. */
export interface ClipEntry {
  name: string;
  folder: string;
  backbone?: string;
  targetPad?: number;
  phis: readonly PhiEntry[];
  /** Files by name of the benchmark. */
  pseudoTokens?: Record<string, string>;
}

/** A phi of the file. */
export interface PhiEntry {
  name: string;
  file: string;
  naive?: NaiveEntry;
}

/** Data for naive fine-tuning of the file. */
export interface NaiveEntry {
  loss: "LinCIR" | "Pic2Word";
  captions?: string;
  images?: string;
  batch?: number;
}

/** Triplets of the file. */
export interface TripletsEntry {
  name: string;
  about?: string;
  file: string;
  columns?: string;
  captions?: readonly string[];
}

/** A benchmark of the file. */
export interface BenchmarkEntry {
  name?: string;
  benchmark: BenchmarkName;
  split?: string;
  folder: string;
  headline?: string;
  captions?: string;
  captionsForImages?: boolean;
  counts?: Counts;
  limit?: number;
  allowMissing?: boolean;
  wording?: Wording;
}

/**
 * Reads the file and checks it by its schema; no other file is opened. Paths in it become relative to where the process
 * runs, or absolute.
 *
 * @throws {Error} naming everything that is wrong with it
 */
export async function readTestbedFile(path: Path): Promise<TestbedFile> {
  const file = filePath(path), text = await readText("the testbed", file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`Reading the testbed ${file} failed: it is no JSON: ${(error as Error).message}.`);
  }
  const found = faults();
  for (const fault of schemaFaults(json, schema as Schema)) {
    found.add(`Reading the testbed ${file} failed: ${fault}${fault.endsWith("?") ? "" : "."}`);
  }
  found.throwIfAny("Opening the testbed");
  const parsed = json as TestbedFile;
  checkNames(found, parsed, file);
  found.throwIfAny("Opening the testbed");
  return withPaths(parsed, dirname(file));
}

/** Returns the name of a benchmark in tables: its own, or the benchmark's with the split. */
export function benchmarkName({ name, benchmark, split = defaultSplit(benchmark) }: BenchmarkEntry): string {
  return name ?? `${benchmark} ${split}`;
}

/** Names that stand for two things. */
function checkNames(found: Faults, { clips, triplets, benchmarks }: TestbedFile, file: string): void {
  const lists: [string, readonly (string | undefined)[]][] = [
    ["CLIPs", clips.map(({ name }) => name)],
    ...clips.map(({ name, phis }): [string, string[]] => [`phis of ${name}`, phis.map(({ name }) => name)]),
    ["sources of triplets", triplets.map(({ name }) => name)],
    ["benchmarks", benchmarks.map(benchmarkName)],
  ];
  for (const [what, names] of lists) {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined) {
      found.add(`Reading the testbed ${file} failed: two ${what} are called "${twice}"; give each a name of its own.`);
    }
  }
}

function withPaths(file: TestbedFile, folder: string): TestbedFile {
  const here = <Given extends string | undefined>(path: Given) =>
    path === undefined || isAbsolute(path) ? path : join(folder, path) as Given;
  return {
    ...file,
    cache: here(file.cache),
    clips: file.clips.map((clip) => ({
      ...clip,
      folder: here(clip.folder),
      phis: clip.phis.map(({ naive, ...phi }) => ({
        ...phi,
        file: here(phi.file),
        ...(naive && { naive: { ...naive, captions: here(naive.captions), images: here(naive.images) } }),
      })),
      ...(clip.pseudoTokens && {
        pseudoTokens: Object.fromEntries(
          Object.entries(clip.pseudoTokens).map(([name, path]) => [name, here(path)]),
        ),
      }),
    })),
    triplets: file.triplets.map((source) => ({
      ...source,
      file: here(source.file),
      ...(source.captions && { captions: source.captions.map(here) }),
    })),
    benchmarks: file.benchmarks.map((one) => ({
      ...one,
      folder: here(one.folder),
      captions: here(one.captions),
    })),
  };
}
