/** An evaluation on disk: results by query, submissions, a page to look at, and a summary. */
import denoJson from "../../deno.json" with { type: "json" };
import { describeDevice, type Device } from "../backend/device.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { TextEncoderWeights } from "../clip/files/text_folder.ts";
import type { Evaluation } from "../evaluation/evaluate_benchmark.ts";
import { protocolRecord } from "../evaluation/protocol_record.ts";
import { defaultPrompt } from "../evaluation/query_encoder.ts";
import { resultsText } from "../evaluation/ranking_results.ts";
import { writeSubmissions } from "../evaluation/submissions.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile } from "../io/read_file.ts";
import type { Phi } from "../projection/phi.ts";
import type { LoadedTokens } from "../projection/pseudo_token_file.ts";
import { benchmarkPage } from "./benchmark_page.ts";
import { resultRows } from "./evaluation_table.ts";
import { writeMtebFiles } from "./mteb_files.ts";
import { rowFile } from "./row_files.ts";

/** What an evaluation was made with, and what is shown of it. */
export interface SaveEvaluationOptions {
  /** The CLIP. */
  clip: Pick<Clip, "hash" | "identity" | "preprocessing">;
  /** The projection, if there was one. */
  phi?: Pick<Phi, "hash" | "method" | "input">;
  /** The fine-tuned text encoder, if there was one. */
  textEncoder?: Pick<TextEncoderWeights, "hash">;
  /** The inverted pseudo-tokens, if there were some. */
  pseudoTokens?: Pick<LoadedTokens, "hash">;
  /** The device that computed. */
  device: Device;
  /** The command line, for the record (default none). */
  arguments?: readonly string[];
  /** Number of queries that the page shows (default 12). */
  show?: number;
  /** Whether the weights were rounded to half precision; the hashes are then those of the rounded models. */
  half?: boolean;
  /** Another layout that is written too, into a folder of its name: "mteb", see {@linkcode writeMtebFiles}. */
  export?: EvaluationExport;
}

/** Layouts of other programs that an evaluation can be written in. */
export const evaluationExports = ["mteb"] as const;
/** One of {@linkcode evaluationExports}. */
export type EvaluationExport = typeof evaluationExports[number];

/**
 * Writes an evaluation into a folder: the results of each row as JSON lines; for CIRR and CIRCO the submission of the
 * row that is the result, unless queries are left out; another program's layout, if asked; `report.html`; and last
 * `result.json`, so that where it is, everything else is. It takes no lock: keep the row files of `openRowFiles` open
 * until it has returned.
 *
 * @param folder made if it is missing
 * @returns the files written
 * @throws {Error} if an image of the page cannot be read, or the disk refuses
 */
export async function saveEvaluation(
  folder: Path,
  evaluation: Evaluation,
  options: SaveEvaluationOptions,
): Promise<string[]> {
  const { data, rows } = evaluation, { device, show = 12 } = options;
  const result = inFolder(folder, "result.json"), page = inFolder(folder, "report.html");
  // An older summary would otherwise stand beside results that are not its own.
  if (isFile(result)) await Deno.remove(result);
  const files: string[] = [];
  for (const { name, results } of rows) {
    files.push(rowFile(folder, name));
    await writeAtomically(files.at(-1)!, resultsText(results));
  }
  if (hasServer(evaluation) && whyNoSubmission(evaluation) === undefined) {
    const { result } = resultRows(evaluation), label = data.captions ? "-from-captions" : "";
    files.push(...await writeSubmissions(folder, { part: data.parts[0], results: result.results, label }));
  }
  if (options.export === "mteb") {
    const model = options.textEncoder?.hash ?? options.clip.hash;
    files.push(...await writeMtebFiles(inFolder(folder, "mteb"), evaluation, model));
  }
  const shown = { device: describeDevice(device), show, half: options.half, preprocessing: options.clip.preprocessing };
  await writeAtomically(page, await benchmarkPage(evaluation, shown));
  await writeAtomically(result, JSON.stringify(await evaluationRecord(evaluation, options), null, 1) + "\n");
  return [...files, page, result];
}

function hasServer({ data: { benchmark } }: Evaluation): boolean {
  return benchmark === "cirr" || benchmark === "circo";
}

/**
 * Returns why no submission is written although the benchmark has a server; undefined if one is, or there is no server.
 */
export function whyNoSubmission(evaluation: Evaluation): string | undefined {
  const { missing, limit } = evaluation.data;
  if (!hasServer(evaluation)) return undefined;
  if (missing.references > 0) return "queries without reference were skipped";
  return limit === undefined ? undefined : "only a part of the queries was evaluated";
}

/** Returns the content of `result.json`. */
async function evaluationRecord(
  evaluation: Evaluation,
  options: SaveEvaluationOptions,
): Promise<Record<string, unknown>> {
  const { data, rows, prompt, cutTexts, featuresKey, featuresHash } = evaluation, { clip, phi, device } = options;
  const incomplete = data.stamps.find((stamp) => stamp.startsWith("INCOMPLETE"));
  return {
    task: "evaluate",
    ...await protocolRecord(data),
    prompt,
    ownTemplate: prompt.template === defaultPrompt(data.benchmark, data.wording).template ? undefined : true,
    textsCut: cutTexts,
    preprocessing: data.captions ? undefined : clip.preprocessing,
    features: { hash: featuresHash, cache: featuresKey },
    precision: options.half ? "32 bits, weights rounded to half precision" : "32 bits",
    clip: { weights: clip.hash, identity: clip.identity },
    phi: phi && { hash: phi.hash, method: phi.method, input: phi.input },
    pseudoTokens: options.pseudoTokens?.hash,
    textEncoder: options.textEncoder?.hash,
    device,
    versions: { deno: Deno.version.deno, toolkit: denoJson.version },
    arguments: options.arguments,
    rows: rows.map(({ name, method, parts, mean }) => ({ name, method, incomplete, parts, mean })),
  };
}
