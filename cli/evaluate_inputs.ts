/** The checks of `deno task evaluate`, all of them before anything is computed. */
import type { Device } from "../lib/backend/device.ts";
import { openBenchmark } from "../lib/benchmarks/open_benchmark.ts";
import { type BenchmarkData, defaultSplit, openBenchmarkData } from "../lib/evaluation/benchmark_data.ts";
import { readImageCaptions } from "../lib/evaluation/caption_features.ts";
import { checkTemplate } from "../lib/evaluation/query_encoder.ts";
import type { QueryMethod } from "../lib/evaluation/query_method.ts";
import { tokensByImage } from "../lib/evaluation/tokens_by_image.ts";
import type { LoadedTokens } from "../lib/projection/pseudo_token_file.ts";
import { checkWritable } from "../lib/io/check_writable.ts";
import type { EvaluateOptions } from "./evaluate_options.ts";
import { type Faults, faults } from "./faults.ts";
import { checkModels } from "./models.ts";
import type { Session } from "./session.ts";

/** What the checks have read. */
export interface EvaluateInputs {
  device: Device;
  data: BenchmarkData;
  pseudoTokens?: LoadedTokens;
  /** Folder of the results. */
  out: string;
  /** Folder of cached image features. */
  cache: string;
}

/** Checks every option against what is on disk. @throws {Error} naming all faults; nothing has been written */
export async function checkInputs(options: EvaluateOptions, session: Session): Promise<EvaluateInputs> {
  const { benchmark, data: root, split = defaultSplit(benchmark), counts, captions: captionFile, wording } = options;
  const out = options.out ?? `results/${benchmark}-${split}${captionFile ? "-captions" : ""}`;
  const cache = options.cache ?? ".cache/features", found = faults();
  const device = await found.check("Selecting the device", () => session.device(options.device));
  const data = await found.check(`Reading ${root}`, () => openData(found, options, split, session));
  session.stageDone();
  if (captionFile && !data) {
    await found.check(`Reading ${root}`, () => openBenchmark({ benchmark, root, split, counts, wording }));
  }
  const { pseudoTokens } = await checkModels(found, options);
  if (data && pseudoTokens && !captionFile && (options.methods?.includes("pseudo-token + text") ?? true)) {
    await found.check(`Reading ${options.pseudoTokens}`, () => tokensByImage(pseudoTokens, data));
  }
  checkMethods(found, options);
  if (options.prompt !== undefined) await found.check("Reading --prompt", () => checkTemplate(options.prompt!));
  for (const folder of captionFile ? [out] : [out, cache]) {
    await found.check(`Writing into ${folder}`, () => checkWritable(folder));
  }
  found.throwIfAny("The evaluation");
  return { device: device!, data: data!, pseudoTokens, out, cache };
}

async function openData(found: Faults, options: EvaluateOptions, split: string, session: Session) {
  const { benchmark, data: root, counts, allowMissing, limit, wording, captions: file } = options;
  const captions = file && await found.check(`Reading ${file}`, () => readImageCaptions(file));
  if (file && !captions) return undefined;
  const onProgress = (done: number, total: number) => session.stage("looking for images", done, total);
  return await openBenchmarkData({
    benchmark,
    root,
    split,
    counts,
    allowMissing,
    limit,
    wording,
    onProgress,
    ...(captions && { captions }),
  });
}

/** Query methods whose models or captions were not named. */
function checkMethods(found: Faults, { methods, phi, pseudoTokens, textEncoder, captions }: EvaluateOptions): void {
  const needs: Partial<Record<QueryMethod, [string, unknown]>> = {
    "phi + text": ["--phi", phi],
    "pseudo-token + text": ["--pseudo-tokens", pseudoTokens],
    "caption + text": ["--captions", captions],
    oracle: ["--captions", captions],
  };
  for (const method of methods ?? []) {
    const [option, given] = needs[method] ?? ["", true];
    if (!given) found.add(`--methods "${method}" needs ${option}.`);
  }
  if (pseudoTokens && captions) {
    found.add("--pseudo-tokens and --captions exclude each other: captions replace the images that were inverted.");
  }
  if (textEncoder && !phi && !pseudoTokens && !captions) {
    found.add("--text-encoder needs --phi, --pseudo-tokens or --captions: no other query is encoded with it.");
  }
}
