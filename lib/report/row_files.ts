/**
 * The ranking results of an evaluation, one file a row, written as soon as a row is finished: an evaluation resumes.
 */
import denoJson from "../../deno.json" with { type: "json" };
import { backendName } from "../backend/backend_name.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { BenchmarkData } from "../evaluation/benchmark_data.ts";
import type { EvaluationOptions } from "../evaluation/evaluate_benchmark.ts";
import type { EvaluationRow } from "../evaluation/evaluation_row.ts";
import type { RankingResult } from "../evaluation/rank_part.ts";
import { parseResults, resultsText } from "../evaluation/ranking_results.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { lockFile } from "../io/file_lock.ts";
import { firstDifference } from "../io/first_difference.ts";
import { jsonHash, sha256 } from "../io/hash.ts";
import { isObject, isTexts } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile, readText, readTextIfThere } from "../io/read_file.ts";

/**
 * The rows of an evaluation on disk; its functions are options of `evaluateData`. Disposing of it lets other
 * evaluations into the folder; do so after `saveEvaluation`.
 */
export interface RowFiles extends Disposable {
  /**
   * Reads the results of a row that an earlier evaluation finished; undefined if there is none. Rejects if the row's
   * file is gone or not the one that was written, or its features were other ones.
   */
  finished: (name: string, featuresHash: string) => Promise<RankingResult[] | undefined>;
  /** Writes the results of a row. */
  onRow: (row: EvaluationRow, featuresHash: string) => Promise<void>;
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
  clip: Pick<Clip, "identity">;
  /** The projection, if there is one. */
  phi?: { hash: string };
  /** The fine-tuned text encoder, if there is one. */
  textEncoder?: { hash: string };
  /** The inverted pseudo-tokens, if there are some. */
  pseudoTokens?: { hash: string };
}

/**
 * Returns everything that decides the rows of an evaluation, the backend in use and the toolkit's version included;
 * large parts as hashes.
 */
export async function evaluationConfiguration(
  { benchmark, split, root, counts, limit, wording, annotations, files, captions }: BenchmarkData,
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
    // Absent for the paper's wording, as in rows of version 0.2.
    ...(wording === "paper" ? {} : { wording }),
    backend: backendName(),
    toolkit: denoJson.version,
  };
}

/**
 * Content of `run.json`: what decides the rows, and of each finished row, by its name, the SHA-256 of its file and of the
 * features that it was ranked with.
 */
interface Run {
  configuration: Record<string, unknown>;
  finished: Record<string, { file: string; features: string }>;
}

/** Returns the name of a row as it stands in the names of files, such as "phi-text". */
export function rowSlug(name: string): string {
  return name.replace(/[^a-z]+/g, "-");
}

/** Returns the path of a row's results in the folder of an evaluation. @param name of the row */
export function rowFile(folder: Path, name: string): string {
  return inFolder(folder, `${rowSlug(name)}.jsonl`);
}

/**
 * Opens the folder of an evaluation for its rows, and writes its `run.json`. An older `result.json` is removed, since
 * it would stand beside results that are not its own. The folder is locked (`run.json.lock`) until the row files are
 * disposed of: two evaluations would mix their rows.
 *
 * @param folder made if it is missing
 * @throws {Error} if another evaluation is at work in the folder, or the rows to resume were made with another
 *   configuration, naming the first difference
 */
export async function openRowFiles(folder: Path, { configuration, resume }: RowFilesOptions): Promise<RowFiles> {
  const file = inFolder(folder, "run.json"), lock = await lockFile(file, "The evaluation");
  try {
    const run: Run = { configuration, finished: resume ? await finishedRows(file, configuration) : {} };
    const save = () => writeAtomically(file, JSON.stringify(run, null, 1) + "\n");
    await save();
    const result = inFolder(folder, "result.json");
    if (isFile(result)) await Deno.remove(result);
    return {
      async finished(name, featuresHash) {
        if (!Object.hasOwn(run.finished, name)) return undefined;
        const rows = rowFile(folder, name),
          text = await readText("results", rows),
          { file: hash, features } = run.finished[name];
        const wrong = await sha256(new TextEncoder().encode(text)) !== hash
          ? "is not the file that the evaluation wrote"
          : features !== featuresHash && "was ranked with other features: an image has changed since";
        if (!wrong) return parseResults(text, rows);
        throw new Error(
          `Resuming the evaluation failed: ${rows} ${wrong}, by its hash in ${file}; start anew without --resume.`,
        );
      },
      async onRow({ name, results }, featuresHash) {
        if (Object.hasOwn(run.finished, name)) return;
        const text = resultsText(results);
        await writeAtomically(rowFile(folder, name), text);
        run.finished[name] = { file: await sha256(new TextEncoder().encode(text)), features: featuresHash };
        await save();
      },
      [Symbol.dispose]: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Returns the hashes of the rows that are finished. @throws {Error} if they were made with another configuration */
async function finishedRows(file: string, configuration: Record<string, unknown>): Promise<Run["finished"]> {
  const earlier = await readRun(file);
  if (!earlier) return {};
  const different = firstDifference(earlier.configuration, configuration);
  if (different === undefined) return earlier.finished;
  const { key, found, requested } = different;
  throw new Error(
    `Resuming the evaluation failed: ${file} was made with ${key} = ${found}, requested is ${requested}; start anew ` +
      "without --resume, or name another --out.",
  );
}

async function readRun(file: string): Promise<Run | undefined> {
  const text = await readTextIfThere(file);
  if (text === undefined) return undefined;
  let run: unknown;
  try {
    run = JSON.parse(text);
  } catch {
    // The check below refuses undefined.
  }
  if (
    isObject(run) && isObject(run.configuration) && isObject(run.finished) &&
    Object.values(run.finished).every((row) => isObject(row) && isTexts([row.file, row.features]))
  ) return run as unknown as Run;
  throw new Error(
    `Resuming the evaluation failed: ${file} is no record of an evaluation in JSON; start anew without --resume.`,
  );
}
