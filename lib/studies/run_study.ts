/** Runs a study: what is not cached is trained and evaluated, in one process or in shares of several. */
import type { Device } from "../backend/device.ts";
import { tryLockFile } from "../io/file_lock.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile } from "../io/read_file.ts";
import { doRun } from "./do_run.ts";
import { type PlanOptions, planStudy } from "./plan.ts";
import type { PlannedRun } from "./planned.ts";
import { readRun, unusedFiles, writeRun } from "./run_cache.ts";
import type { StudyRun } from "./study_run.ts";
import type { Study } from "./study.ts";
import { type StudyResult, studyResult } from "./study_result.ts";
import type { OpenClip, Testbed } from "./testbed.ts";

/** A share of the runs. */
export interface Shard {
  /** Which share, from 1. */
  index: number;
  /** Number of shares. */
  of: number;
}

/** How a study is run. */
export interface RunStudyOptions extends PlanOptions {
  /** The device in use. */
  device: Device;
  /** The folder of finished runs, where processes and machines meet. */
  cache: Path;
  /** Makes this share of the runs alone; absent: all. */
  shard?: Shard;
  /** Stops after the step in progress; the next call goes on from there. */
  signal?: AbortSignal;
  /** Called as the work goes on; the next step waits for it. */
  onProgress?: (progress: StudyProgress) => Promise<void> | void;
}

/** How far a study is. */
export interface StudyProgress {
  /** What is being done, such as the title of a run. */
  doing: string;
  /** Runs that are done, with the done share of the one in progress; cached ones count. */
  done: number;
  /** Number of runs of this share. */
  total: number;
  /** Seconds that the rest takes, by the steps of this process; undefined before there is anything to judge by. */
  secondsLeft?: number;
}

/** Milliseconds between two looks at a run that another process is at. */
const waiting = 2000;

/**
 * Runs a study on a testbed.
 *
 * Finished runs are read from the cache, which several processes may share: on one machine a run that another process
 * is at is left to it; on several machines two may make the same run, and one result stays. A run that is stopped leaves
 * a checkpoint in the cache and goes on from it. What the testbed cannot run is listed in the result with the reason.
 *
 * @returns the tables of what is finished: everything, or with `shard` what there is so far
 * @throws the signal's reason after it has stopped the study
 * @throws {Error} if a cached run is damaged, or as the fine-tunings and evaluations do
 * @example
 * ```ts ignore
 * import { useDevice } from "@rtd/toolkit";
 * import { components, emojiTestbed, runStudy } from "@rtd/toolkit/studies";
 *
 * const device = await useDevice("auto"), testbed = await emojiTestbed();
 * console.log((await runStudy(testbed, components, { seeds: [1, 2, 3], cache: "data/runs", device })).table().text());
 * ```
 */
export async function runStudy(testbed: Testbed, study: Study, options: RunStudyOptions): Promise<StudyResult> {
  const { cache, shard } = options;
  const plan = await planStudy(testbed, study, options), share = shareOf(plan.runs, shard);
  const runs = await cachedRuns(plan.runs, cache);
  await makeRuns(testbed, share.filter(({ key }) => !runs.has(key)), runs, share.length, options);
  // Another process may have finished runs of its share meanwhile.
  for (const [key, run] of await cachedRuns(plan.runs.filter(({ key }) => !runs.has(key)), cache)) runs.set(key, run);
  return studyResult({ testbed, study, plan, runs, unused: await unusedFiles(cache) });
}

/** Returns the runs of a share: one in `of`, so that the shares are alike. */
function shareOf(runs: readonly PlannedRun[], shard?: Shard): readonly PlannedRun[] {
  return shard ? runs.filter((_, i) => i % shard.of === shard.index - 1) : runs;
}

/** Reads the finished ones of some runs, by key. */
export async function cachedRuns(runs: readonly PlannedRun[], cache: Path): Promise<Map<string, StudyRun>> {
  const found = new Map<string, StudyRun>();
  for (const { key, inputs } of runs) {
    const run = await readRun(cache, key, inputs);
    if (run) found.set(key, run);
  }
  return found;
}

/** Makes runs and adds them to `runs`, a CLIP at a time. */
async function makeRuns(
  testbed: Testbed,
  missing: readonly PlannedRun[],
  runs: Map<string, StudyRun>,
  total: number,
  options: RunStudyOptions,
): Promise<void> {
  const { cache, signal, onProgress = () => {} } = options, progress = studyProgress(total - missing.length, total);
  for (const [clip, own] of Map.groupBy(missing, ({ clip }) => clip)) {
    using opened = openOnce(async () =>
      await testbed.open(clip, {
        onStage(stage) {
          signal?.throwIfAborted();
          void onProgress(progress.at(`${clip}: ${stage}`));
        },
      })
    );
    for (let left = own; left.length > 0;) {
      const busy: PlannedRun[] = [];
      for (const run of left) {
        signal?.throwIfAborted();
        using lock = await tryLockFile(inFolder(cache, run.key), `Running ${run.title}`);
        if (!lock) {
          busy.push(run);
          continue;
        }
        const finished = await readRun(cache, run.key, run.inputs) ??
          await makeRun(await opened.get(), run, progress, options);
        runs.set(run.key, finished);
        progress.finish();
      }
      if (busy.length === left.length) {
        await onProgress(progress.at(`waiting for another process: ${busy[0].title}`));
        await new Promise((go) => setTimeout(go, waiting));
      }
      left = busy;
    }
  }
}

/** Makes one run, writes it into the cache and removes its checkpoint. @throws the signal's reason if it was stopped */
async function makeRun(
  open: OpenClip,
  run: PlannedRun,
  progress: ReturnType<typeof studyProgress>,
  { cache, device, signal, onProgress = () => {} }: RunStudyOptions,
): Promise<StudyRun> {
  const checkpoint = inFolder(cache, `${run.key}.checkpoint.safetensors`);
  const made = await doRun(open, run, {
    ...{ device, checkpoint, signal },
    onProgress: (share) => onProgress(progress.at(run.title, share)),
  });
  if (!made) throw signal!.reason;
  await writeRun(cache, run.key, made);
  if (isFile(checkpoint)) await Deno.remove(checkpoint);
  return made;
}

/** Counts runs, and judges the time that the others take by those of this process. */
function studyProgress(done: number, total: number) {
  const first = done, started = performance.now();
  return {
    /** Counts a finished run. */
    finish: () => void done++,
    /** Describes the state. @param share of the run in progress that is done */
    at(doing: string, share = 0): StudyProgress {
      const worked = done - first + share, seconds = (performance.now() - started) / 1000;
      return {
        ...{ doing, done: done + share, total },
        ...(worked > 0 ? { secondsLeft: seconds / worked * (total - done - share) } : {}),
      };
    },
  };
}

/** Opens something when it is first needed, and disposes it if it was. */
function openOnce<T extends Disposable>(open: () => Promise<T>): Disposable & { get(): Promise<T> } {
  let opened: T | undefined;
  return { get: async () => opened ??= await open(), [Symbol.dispose]: () => opened?.[Symbol.dispose]() };
}
