/** The folder of finished runs, one gzip file of JSON each, where several processes and machines meet. */
import { readdirSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { writeAtomically } from "../io/atomic_write.ts";
import { jsonHash } from "../io/hash.ts";
import { isObject } from "../io/json_values.ts";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { isFile, isFolder, readIfThere } from "../io/read_file.ts";
import { runVersion } from "./plan.ts";
import { sixDecimals } from "./six_decimals.ts";
import type { StudyRun } from "./study_run.ts";

/** What the names of all runs end in. */
const ending = ".json.gz";

/** Returns the file of a run. */
function runFile(cache: Path, key: string): string {
  return inFolder(cache, key + ending);
}

/**
 * Reads a finished run; undefined if it is not there.
 *
 * @param inputs everything that decides it; a file of other inputs is refused
 * @throws {Error} if the file is damaged, of another run, or not packed
 */
export async function readRun(
  cache: Path,
  key: string,
  inputs: Record<string, unknown>,
): Promise<StudyRun | undefined> {
  const file = runFile(cache, key), bytes = await readIfThere(file);
  if (bytes === undefined) {
    const unpacked = inFolder(cache, `${key}.json`);
    if (!isFile(unpacked)) return undefined;
    throw new Error(`Reading the cached run ${unpacked} failed: it is not packed; pack it (gzip FILE), or delete it.`);
  }
  const run = parseRun(bytes);
  if (!run) {
    throw new Error(
      `Reading the cached run ${file} failed: it is damaged, or no run; delete the file to make it anew.`,
    );
  }
  if (await jsonHash(run.inputs) !== await jsonHash(inputs)) {
    throw new Error(`Reading the cached run ${file} failed: it is not the run that its name says; delete the file.`);
  }
  return run;
}

/** Writes a finished run whole or not at all. Of two processes that finish the same run, one result stays. */
export async function writeRun(cache: Path, key: string, run: StudyRun): Promise<void> {
  const packed = {
    ...run,
    evaluations: run.evaluations.map(({ queries, ...one }) => ({
      ...one,
      queries: queries.map((benchmarks) =>
        mapValues(benchmarks, ({ scores, ...rest }) => ({ ...rest, scores: packScores(scores) }))
      ),
    })),
  };
  await writeAtomically(runFile(cache, key), gzipSync(JSON.stringify(packed) + "\n"));
}

/**
 * Lists the files of a cache that this version does not use: runs of an older version, or not packed, and what is no run.
 *
 * @returns their names; empty if the folder is not there
 */
export async function unusedFiles(cache: Path): Promise<string[]> {
  const folder = filePath(cache), unused: string[] = [];
  if (!isFolder(folder)) return unused;
  for (const name of readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name)).sort()) {
    const bytes = name.endsWith(ending) ? await readIfThere(inFolder(folder, name)) : new Uint8Array();
    if (bytes !== undefined && parseRun(bytes)?.inputs.version !== runVersion) unused.push(name);
  }
  return unused;
}

/** Parses a run; undefined if it is none. */
function parseRun(bytes: Uint8Array): StudyRun | undefined {
  try {
    const { evaluations, ...run } = JSON.parse(new TextDecoder().decode(gunzipSync(bytes)));
    if (!isObject(run.inputs) || !isObject(run.seconds) || !Array.isArray(run.losses) || !Array.isArray(evaluations)) {
      return undefined;
    }
    return {
      ...run,
      evaluations: evaluations.map(({ queries, ...one }) => ({
        ...one,
        queries: queries.map((benchmarks: Record<string, Packed>) =>
          mapValues(benchmarks, ({ scores, ...rest }) => ({ ...rest, scores: unpackScores(scores) }))
        ),
      })),
    };
  } catch {
    return undefined;
  }
}

/** Scores of queries: hits and misses as one text of digits, others as a list. */
type Scores = string | number[];
type Packed = { scores: Scores } & Record<string, unknown>;

function packScores(scores: readonly number[]): Scores {
  return scores.every((score) => score === 0 || score === 1) ? scores.join("") : scores.map(sixDecimals);
}

function unpackScores(scores: Scores): number[] {
  return typeof scores === "string" ? [...scores].map(Number) : scores;
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
