/** The checks of `deno task train`, all of them before anything is computed. */
import { basename } from "node:path";
import type { BenchmarkName } from "../lib/benchmarks/benchmark.ts";
import { defaultSplit, openBenchmarkData } from "../lib/evaluation/benchmark_data.ts";
import { readImageCaptions } from "../lib/evaluation/caption_features.ts";
import { metricNames } from "../lib/evaluation/validator.ts";
import { checkWritable } from "../lib/io/check_writable.ts";
import { counted } from "../lib/io/counted.ts";
import { evenly } from "../lib/io/evenly.ts";
import { availableMemory, memoryNow } from "../lib/io/process_memory.ts";
import { isFile } from "../lib/io/read_file.ts";
import { mainMetrics } from "../lib/report/evaluation_table.ts";
import { requireStepMemory } from "../lib/rtd/check_memory.ts";
import { readKeptCaptions } from "../lib/rtd/kept_captions.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import { mostRead, type StepMemory } from "../lib/rtd/step_memory.ts";
import { loadTriplets } from "../lib/triplets/load_triplets.ts";
import { type Faults, faults } from "./faults.ts";
import { type CheckedModels, checkModels } from "./models.ts";
import type { Session } from "./session.ts";
import type { TrainOptions } from "./train_options.ts";
import { recipeFrom } from "./train_recipe.ts";
import { checkProgress, checkRun, configurationOf, sameRun } from "./train_resume_checks.ts";
import { runFiles, towersOf, type TrainTask, type TrainValidation } from "./train_task.ts";
import { checkInputFiles } from "./triplets_inputs.ts";

/** Checks every option against what is on disk. @throws {Error} naming all faults; nothing has been written */
export async function checkTraining(options: TrainOptions, session: Session): Promise<TrainTask> {
  const { out, clip, phi, encoder, targetPad, saveEvery = 20, resume = false, incompleteBatch = "span" } = options;
  const found = faults();
  const device = await found.check("Selecting the device", () => session.device(options.device));
  const recipe = await recipeFrom(found, options);
  const models = await checkModels(found, { clip, phi });
  const validation = await checkValidation(found, options, session);
  await found.check(`Writing into ${out}`, () => checkWritable(out));
  const resumed = await checkRun(found, out, resume);
  if (resumed) {
    await checkProgress(found, runFiles(out).checkpoint, resumed, recipe, { ...models, folder: clip, targetPad });
  }
  const read = await readTriplets(found, options, recipe, session);
  const keptCaptions = await readCaptions(found, options, recipe, session);
  const configuration = read &&
    await configurationOf(recipe, {
      ...{ encoder, incompleteBatch, validation },
      triplets: read.triplets.hash(),
      keptCaptions: keptCaptions &&
        `${counted(keptCaptions.captions.length, "caption")} (SHA-256 ${keptCaptions.hash.slice(0, 16)})`,
    });
  if (configuration && resumed) await found.check(`Reading ${out}`, () => sameRun(runFiles(out).run, configuration));
  const memory = device && read &&
    await checkMemory(found, options, { device, models, recipe, validation, triplets: read.triplets, keptCaptions });
  found.throwIfAny("Training RTD");
  return {
    device: device!,
    clip,
    phi,
    targetPad,
    tokenizer: models.clip!.tokenizer,
    triplets: read!.triplets,
    reading: read!.report,
    recipe,
    ...(keptCaptions && { keptCaptions }),
    incompleteBatch,
    encoder,
    recompute: options.recompute ?? false,
    validation,
    out,
    saveEvery,
    configuration: configuration!,
    memory: memory!,
    ...(resumed && { resumed: { step: resumed.step } }),
  };
}

/** Predicts the memory of a step; one that does not fit is a fault. */
async function checkMemory(
  found: Faults,
  { encoder, recompute }: TrainOptions,
  { device, models: { clip, phi }, recipe, validation, triplets, keptCaptions }:
    & Pick<TrainTask, "device" | "recipe" | "validation" | "triplets" | "keptCaptions">
    & { models: CheckedModels },
): Promise<StepMemory | undefined> {
  if (!clip || triplets.length === 0) return undefined;
  return await found.check("Fitting a step into memory", () =>
    requireStepMemory({
      ...{ clip, towers: towersOf(validation), encoder, recompute, recipe },
      phi: phi && { weights: phi.arrays },
      triplets: evenly(triplets.length, mostRead).map((at) => triplets.at(at)),
      count: triplets.length,
      keptCaptions: keptCaptions?.captions,
      backend: device.backend,
      checkpoint: true,
      // How much a GPU has is not known. What this process holds is counted with the step, except the triplets.
      available: device.gpu ? Infinity : (availableMemory() ?? Infinity) + memoryNow() - triplets.bytes,
      gpu: device.gpu,
    }));
}

/** Reads the triplets; a file that cannot be read is a fault. */
async function readTriplets(found: Faults, options: TrainOptions, recipe: RtdRecipe, session: Session) {
  const { triplets: file, columns, captions } = options;
  await checkInputFiles(found, { file, columns, captions });
  if (![file, ...captions ?? []].every(isFile)) return undefined;
  const read = await found.check(`Reading ${file}`, () =>
    loadTriplets(file, {
      columns,
      captions,
      signal: session.signal,
      onProgress: (done, total, note) => session.stage(`reading ${basename(file)}`, done, total, note),
    }));
  session.stageDone();
  if (read && read.triplets.length < recipe.batch) {
    found.add(
      `Training on ${file} failed: it has ${read.triplets.length} triplets, fewer than the ${recipe.batch} of a step; ` +
        `set batch=${Math.max(1, read.triplets.length)} or less.`,
    );
  }
  return read;
}

/** Reads the captions to keep; a file that cannot be read, or that has no part in the loss, is a fault. */
async function readCaptions(
  found: Faults,
  { keptCaptions: file }: TrainOptions,
  { keepCaptions }: RtdRecipe,
  { stage, stageDone }: Session,
): Promise<TrainTask["keptCaptions"]> {
  if (file === undefined) return undefined;
  if (keepCaptions === 0) {
    found.add(`--kept-captions ${file} does nothing without a weight; --set keepCaptions=100 gives it one.`);
  }
  const read = await found.check(
    `Reading ${file}`,
    () => readKeptCaptions(file, (done, total) => stage(`reading ${basename(file)}`, done, total)),
  );
  stageDone();
  return read && { file, ...read };
}

/** Options that mean nothing without a benchmark to validate on. */
const ofValidation = {
  data: "--data",
  split: "--split",
  imageCaptions: "--image-captions",
  every: "--every",
  bestBy: "--best-by",
  limit: "--limit",
  allowMissing: "--allow-missing",
  counts: "--counts",
  targetPad: "--target-pad",
  cache: "--cache",
} as const;

async function checkValidation(
  found: Faults,
  options: TrainOptions,
  session: Session,
): Promise<TrainValidation | undefined> {
  const { validate: benchmark, data: root, every = 100, cache = ".cache/features", show } = options;
  if (benchmark === undefined) {
    for (const [key, option] of Object.entries(ofValidation)) {
      if (options[key as keyof TrainOptions] !== undefined) {
        found.add(`${option} does nothing without --validate: it says how to validate.`);
      }
    }
    return undefined;
  }
  await found.check(`Writing into ${cache}`, () => checkWritable(cache));
  if (root === undefined) {
    found.add(`--validate ${benchmark} needs --data: the benchmark's folder.`);
    return undefined;
  }
  const data = await found.check(`Reading ${root}`, () => openData(found, benchmark, root, options, session));
  session.stageDone();
  if (!data) return undefined;
  const names = await found.check(`Reading ${root}`, () => metricNames(data.parts));
  const bestBy = options.bestBy ?? mainMetrics[benchmark];
  if (names && !names.includes(bestBy)) {
    found.add(`--best-by "${bestBy}" is no figure of ${benchmark}: there are ${names.join(", ")}.`);
  }
  return { data, every, bestBy, cache, show };
}

async function openData(
  found: Faults,
  benchmark: BenchmarkName,
  root: string,
  options: TrainOptions,
  { stage }: Session,
) {
  const { split = defaultSplit(benchmark), counts, allowMissing, limit, imageCaptions: file } = options;
  const captions = file && await found.check(`Reading ${file}`, () => readImageCaptions(file));
  if (file && !captions) return undefined;
  const onProgress = (done: number, total: number) => stage("looking for images", done, total);
  return await openBenchmarkData({
    ...{ benchmark, root, split, counts, allowMissing, limit, onProgress },
    ...(captions && { captions }),
  });
}
