/** The JSON file that names a testbed's CLIPs, triplets and benchmarks; `testbed.schema.json` describes every key. */
import { dirname, isAbsolute, join } from "node:path";
import type { BenchmarkName, Counts } from "../benchmarks/benchmark.ts";
import type { Wording } from "../benchmarks/wording.ts";
import { defaultSplit } from "../evaluation/benchmark_data.ts";
import type { Faults } from "../io/faults.ts";
import { isObject } from "../io/json_values.ts";
import { filePath, type Path } from "../io/path.ts";
import { readText } from "../io/read_file.ts";
import { type Schema, schemaFaults } from "../io/schema_faults.ts";
import { shown } from "../io/shown.ts";
import type { PhiMethod } from "../projection/fit_phi.ts";
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
  keptCaptions?: string;
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
  loss: PhiMethod;
  captions?: string;
  images?: string;
  phrases?: string;
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

/** A file that was read. */
export interface ReadTestbedFile {
  /** Its contents; entries that are wrong are left out. */
  file: TestbedFile;
  /** Whether nothing was left out. */
  whole: boolean;
}

/**
 * Reads the file and checks it by its schema; no other file is opened. Paths in it become relative to where the process
 * runs, or absolute.
 *
 * @param found to which everything is added that is wrong, so that the right entries can be checked on and all be told
 * @throws {Error} if there is no such file, or it is no JSON object
 */
export async function readTestbedFile(path: Path, found: Faults): Promise<ReadTestbedFile> {
  const file = filePath(path), text = await readText("the testbed", file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`Reading the testbed ${file} failed: it is no JSON: ${(error as Error).message}.`);
  }
  if (!isObject(json) || Array.isArray(json)) {
    throw new Error(`Reading the testbed ${file} failed: the file is ${shown(json)}, expected an object.`);
  }
  const wrong = schemaFaults(json, schema as Schema);
  for (const fault of wrong) {
    found.add(`Reading the testbed ${file} failed: ${fault}${fault.endsWith("?") ? "" : "."}`);
  }
  const parsed = wrong.length === 0 ? json as unknown as TestbedFile : rightPart(json);
  checkNames(found, parsed, file);
  return { file: withPaths(parsed, dirname(file)), whole: wrong.length === 0 };
}

/** Leaves out every key and every entry of a list that the schema refuses. */
function rightPart(json: Record<string, unknown>): TestbedFile {
  const isRight = (key: string, value: unknown) =>
    schemaFaults({ [key]: value }, { ...schema, required: [] } as Schema).length === 0;
  const entries = Object.entries(json).map(([key, value]) =>
    [key, Array.isArray(value) ? value.filter((one) => isRight(key, [one])) : value] as const
  );
  const right = entries.filter(([key, value]) => Array.isArray(value) && value.length === 0 || isRight(key, value));
  return { clips: [], triplets: [], benchmarks: [], ...Object.fromEntries(right) };
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
  const naiveHere = ({ captions, images, phrases, ...naive }: NaiveEntry): NaiveEntry => ({
    ...naive,
    ...{ captions: here(captions), images: here(images), phrases: here(phrases) },
  });
  return {
    ...file,
    cache: here(file.cache),
    clips: file.clips.map((clip) => ({
      ...clip,
      folder: here(clip.folder),
      phis: clip.phis.map(({ naive, ...phi }) => ({
        ...phi,
        file: here(phi.file),
        ...(naive && { naive: naiveHere(naive) }),
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
    ...(file.keptCaptions && { keptCaptions: here(file.keptCaptions) }),
    benchmarks: file.benchmarks.map((one) => ({
      ...one,
      folder: here(one.folder),
      captions: here(one.captions),
    })),
  };
}
