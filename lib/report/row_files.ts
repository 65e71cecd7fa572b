/** The ranking results of an evaluation, one file a row, written as soon as a row is finished: an evaluation resumes. */
import type { Clip } from "../clip/files/model_folder.ts";
import type { BenchmarkData } from "../evaluation/benchmark_data.ts";
import type { EvaluationOptions, EvaluationRow } from "../evaluation/evaluate_benchmark.ts";
import type { RankingResult } from "../evaluation/rank_part.ts";
import { readResults, resultsText } from "../evaluation/ranking_results.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { jsonHash } from "../io/hash.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile, readTextIfThere } from "../io/read_file.ts";

/** The rows of an evaluation on disk; its functions are options of `evaluateData`. */
export interface RowFiles {
  /** Reads the results of a row that an earlier evaluation finished; undefined if there is none. */
  finished: (name: string) => Promise<RankingResult[] | undefined>;
  /** Writes the results of a row. */
  onRow: (row: EvaluationRow) => Promise<void>;
}

/** What {@linkcode openRowFiles} needs. */
export interface RowFilesOptions {
  /** Everything that decides the rows, JSON-safe: hashes of models and data, split, wording. */
  configuration: Record<string, unknown>;
  /** Keeps the rows of an earlier evaluation with the same configuration; otherwise they are written anew. */
  resume?: boolean;
}

/** What decides the rows of an evaluation beside its data. */
export interface DecidingOptions extends Pick<EvaluationOptions, "prompt"> {
  /** The CLIP. */
  clip: Pick<Clip, "identity" | "preprocessing">;
  /** The projection, if there is one. */
  phi?: { hash: string };
  /** The fine-tuned text encoder, if there is one. */
  textEncoder?: { hash: string };
  /** The inverted pseudo-tokens, if there are some. */
  pseudoTokens?: { hash: string };
}

/** Returns everything that decides the rows of an evaluation; large parts as hashes. */
export async function evaluationConfiguration(
  { benchmark, split, root, counts, limit, annotations, files, captions }: BenchmarkData,
  { clip, phi, textEncoder, pseudoTokens, prompt }: DecidingOptions,
): Promise<Record<string, unknown>> {
  return {
    benchmark,
    split,
    root,
    counts,
    limit: limit ?? null,
    annotations,
    images: await jsonHash(files),
    captions: captions ? await jsonHash([...captions]) : null,
    clip: clip.identity,
    phi: phi?.hash ?? null,
    textEncoder: textEncoder?.hash ?? null,
    pseudoTokens: pseudoTokens?.hash ?? null,
    prompt: prompt ?? null,
    preprocessing: captions ? null : clip.preprocessing,
  };
}

/** Content of `run.json`: what decides the rows, and the names of the finished ones. */
interface Run {
  configuration: Record<string, unknown>;
  finished: string[];
}

/** Returns the path of a row's results in the folder of an evaluation. @param name of the row */
export function rowFile(folder: Path, name: string): string {
  return inFolder(folder, `${name.replace(/[^a-z]+/g, "-")}.jsonl`);
}

/**
 * Opens the folder of an evaluation for its rows, and writes its `run.json`. An older `result.json` is removed, since it
 * would stand beside results that are not its own.
 *
 * @param folder made if it is missing
 * @throws {Error} if the rows to resume were made with another configuration, naming the first difference
 */
export async function openRowFiles(folder: Path, { configuration, resume }: RowFilesOptions): Promise<RowFiles> {
  const file = inFolder(folder, "run.json");
  const earlier = resume ? await readRun(file) : undefined;
  const different = earlier && firstDifference(earlier.configuration, configuration);
  if (different !== undefined) {
    const [found, wanted] = [earlier!.configuration, configuration].map((one) => JSON.stringify(one[different]));
    throw new Error(
      `Resuming the evaluation failed: ${file} was made with ${different} = ${found}, requested is ${wanted}; start ` +
        "anew without --resume, or name another --out.",
    );
  }
  const run: Run = { configuration, finished: earlier?.finished ?? [] };
  const save = () => writeAtomically(file, JSON.stringify(run, null, 1) + "\n");
  await save();
  const result = inFolder(folder, "result.json");
  if (isFile(result)) await Deno.remove(result);
  return {
    finished: async (name) => run.finished.includes(name) ? await readResults(rowFile(folder, name)) : undefined,
    async onRow({ name, results }) {
      if (run.finished.includes(name)) return;
      await writeAtomically(rowFile(folder, name), resultsText(results));
      run.finished.push(name);
      await save();
    },
  };
}

async function readRun(file: string): Promise<Run | undefined> {
  const text = await readTextIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Resuming the evaluation failed: ${file} is not JSON; start anew without --resume.`);
  }
}

/** Returns the first key whose values differ. */
function firstDifference(found: Record<string, unknown>, wanted: Record<string, unknown>): string | undefined {
  const keys = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  return [...keys].find((key) => JSON.stringify(found[key]) !== JSON.stringify(wanted[key]));
}
