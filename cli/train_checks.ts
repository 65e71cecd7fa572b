/** The checks of `deno task train`, all of them before anything is computed. */
import { basename } from "node:path";
import type { BenchmarkName } from "../lib/benchmarks/benchmark.ts";
import { defaultSplit, openBenchmarkData } from "../lib/evaluation/benchmark_data.ts";
import { readImageCaptions } from "../lib/evaluation/caption_features.ts";
import { metricNames } from "../lib/evaluation/validator.ts";
import { checkWritable } from "../lib/io/check_writable.ts";
import { lockFile } from "../lib/io/file_lock.ts";
import { firstDifference } from "../lib/io/first_difference.ts";
import { jsonHash } from "../lib/io/hash.ts";
import { isObject } from "../lib/io/json_values.ts";
import { isFile, isFolder, readText } from "../lib/io/read_file.ts";
import { mainMetrics } from "../lib/report/evaluation_table.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import { inspectCheckpoint } from "../lib/training/checkpoint.ts";
import { loadTriplets } from "../lib/triplets/load_triplets.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import { type Faults, faults } from "./faults.ts";
import { checkModels } from "./models.ts";
import type { Session } from "./session.ts";
import type { TrainOptions } from "./train_options.ts";
import { recipeFrom } from "./train_recipe.ts";
import { runFiles, type TrainTask, type TrainValidation } from "./train_task.ts";
import { checkInputFiles } from "./triplets_inputs.ts";

/** Checks every option against what is on disk. @throws {Error} naming all faults; nothing has been written */
export async function checkTraining(options: TrainOptions, session: Session): Promise<TrainTask> {
  const { out, clip, phi, encoder, saveEvery = 20, resume = false } = options, found = faults();
  const device = await found.check("Selecting the device", () => session.device(options.device));
  const recipe = await recipeFrom(found, options);
  await checkModels(found, { clip, phi });
  const validation = await checkValidation(found, options, session);
  await found.check(`Writing into ${out}`, () => checkWritable(out));
  const step = await checkRun(found, out, resume);
  const read = await readTriplets(found, options, recipe, session);
  const configuration = read && await configurationOf(recipe, encoder, read.triplets.hash(), validation);
  if (configuration && step !== undefined) {
    await found.check(`Reading ${out}`, () => sameRun(runFiles(out).run, configuration));
  }
  found.throwIfAny("Training RTD");
  return {
    device: device!,
    clip,
    phi,
    targetPad: options.targetPad,
    triplets: read!.triplets,
    reading: read!.report,
    recipe,
    encoder,
    recompute: options.recompute ?? false,
    validation,
    out,
    saveEvery,
    configuration: configuration!,
    ...(step !== undefined && { resumed: { step } }),
  };
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

/** Steps of the checkpoint to resume. A new run must not replace an older one. */
async function checkRun(found: Faults, out: string, resume: boolean): Promise<number | undefined> {
  const { checkpoint, last, best, lock } = runFiles(out);
  if (isFolder(out)) {
    await found.check(`Locking ${out}`, async () => (await lockFile(lock, `Locking ${out}`)).release());
  }
  if (resume) {
    return await found.check(`Reading ${checkpoint}`, () => {
      checkCheckpoint(checkpoint);
      return inspectCheckpoint(checkpoint).step;
    });
  }
  if (isFile(checkpoint) || isFolder(last) || isFolder(best)) {
    found.add(`${out} holds another training, which would be lost; go on with it (--resume), or name another --out.`);
  }
}

/** What must be the same when a run goes on. Under a constant rate the number of steps may grow. */
async function configurationOf(
  { steps, optimizer, schedule, ...choices }: RtdRecipe,
  encoder: string,
  triplets: string,
  validation?: TrainValidation,
): Promise<Record<string, unknown>> {
  const { data, every, bestBy } = validation ?? {};
  return {
    ...choices,
    ...optimizer,
    ...schedule,
    ...(schedule.shape === "constant" ? {} : { steps }),
    encoder,
    triplets,
    validation: data ? `${data.benchmark} ${data.split}` : "none",
    ...(data && {
      every,
      bestBy,
      annotations: data.annotations,
      images: data.captions
        ? await jsonHash([...data.captions])
        : `${data.files.length} images, ${await jsonHash(data.files.map(({ id }) => id))}`,
    }),
  };
}

/** @throws {Error} if a run was begun with other settings */
async function sameRun(file: string, configuration: Record<string, unknown>): Promise<void> {
  const text = await readText("the run's settings", file, "; start anew in another folder");
  let run: unknown;
  try {
    run = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (!isObject(run)) {
    throw new Error(`Resuming failed: ${file} is no record of a training; start anew in another folder.`);
  }
  const different = firstDifference(run, configuration);
  if (!different) return;
  throw new Error(
    `Resuming failed: ${file} was made with ${different.key} = ${different.found}, requested is ` +
      `${different.requested}; request what it was made with, or start anew in another folder.`,
  );
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
