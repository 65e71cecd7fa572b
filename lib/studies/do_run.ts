/** One run: fine-tunes the text encoder, evaluates it on the way and at the end, and can be stopped and resumed. */
import type { Device } from "../backend/device.ts";
import { memoryNow } from "../io/process_memory.ts";
import { isFile } from "../io/read_file.ts";
import { averageWeights } from "../rtd/average_weights.ts";
import { trainRtd } from "../rtd/train.ts";
import { disposeWeights, type Weights } from "../tensors/weights.ts";
import type { FineTuned, FineTuningControl, FineTuningProgress } from "../rtd/fine_tune_text.ts";
import type { PlannedRun, PlannedTraining } from "./planned.ts";
import { probe } from "./probes.ts";
import type { RunEvaluation, StudyRun } from "./study_run.ts";
import type { OpenClip } from "./testbed.ts";
import { measureTextAndImage, type TextAndImage } from "./text_and_image.ts";

/** How a run is observed and stopped. */
export interface DoRunOptions {
  /** The device in use. */
  device: Device;
  /** File of the checkpoint; an existing one is resumed, and it is removed when the run has ended. */
  checkpoint: string;
  /** Called after each step and each evaluation, with the share of the run that is done; the next waits for it. */
  onProgress?: (share: number) => Promise<void> | void;
  /** Stops the run after the step in progress; a checkpoint is then written. */
  signal?: AbortSignal;
}

/** What a process spent on a run; a checkpoint keeps it, so that a run that was resumed tells of all of it. */
interface Spent {
  /** The device; absent in checkpoints of version 0.2. */
  device?: Device;
  /** Milliseconds. */
  training: number;
  /** Milliseconds. */
  evaluation: number;
  /** Bytes, at most. */
  memory: number;
}

/**
 * Does a run.
 *
 * @returns its result; undefined if the signal stopped it
 * @throws {Error} as the fine-tuning does, or if the checkpoint is of another run
 */
export async function doRun(
  open: OpenClip,
  { inputs, phi, training, queries, at, shares = [], textAndImage, probes }: PlannedRun,
  { device, checkpoint, onProgress = () => {}, signal }: DoRunOptions,
): Promise<StudyRun | undefined> {
  const started = performance.now(), whole = training?.recipe.steps ?? 0;
  const spent: Spent = { device, training: 0, evaluation: 0, memory: 0 };
  // When a checkpoint is resumed, what it kept comes before.
  const records: (Spent | RunEvaluation)[] = [spent];
  const note = () => {
    spent.training = training ? performance.now() - started - spent.evaluation : 0;
    spent.memory = Math.max(spent.memory, memoryNow());
  };

  async function evaluate(step: number, textWeights?: Weights, share?: number): Promise<RunEvaluation> {
    const began = performance.now(), results: RunEvaluation["queries"][number][] = [];
    for (const [i, query] of queries.entries()) {
      results.push(await open.evaluate(query, textWeights));
      if (!training) await onProgress((i + 1) / queries.length);
    }
    const plain = await open.plain(textWeights);
    const measured = textAndImage && await measureOn(open, textAndImage, textWeights);
    const probed = probes && await probe(open, probes, textWeights);
    spent.evaluation += performance.now() - began;
    note();
    return {
      step,
      ...(share !== undefined && { share }),
      ...(plain && { plain }),
      queries: results,
      ...(measured && { textAndImage: measured }),
      ...(probed && { probes: probed }),
    };
  }
  async function evaluateAverage(step: number, textWeights: Weights, share: number): Promise<RunEvaluation> {
    const averaged = averageWeights(open.clip.weights, textWeights, share);
    try {
      return await evaluate(step, averaged, share);
    } finally {
      disposeWeights(averaged);
    }
  }
  const result = (losses: readonly number[]): StudyRun => {
    note();
    const all = records.filter((one) => "memory" in one);
    const sum = (part: "training" | "evaluation") => tenths(all.reduce((sum, one) => sum + one[part], 0));
    const own = JSON.stringify(device), earlier = all.map(({ device }) => JSON.stringify(device ?? null));
    const earlierDevices = [...new Set(earlier)].filter((one) => one !== "null" && one !== own);
    return {
      inputs,
      device,
      ...(earlierDevices.length > 0 && { earlierDevices: earlierDevices.map((one): Device => JSON.parse(one)) }),
      seconds: { training: sum("training"), evaluation: sum("evaluation") },
      steps: losses.length,
      losses: losses.map((loss) => Number(loss.toFixed(5))),
      memory: Math.max(...all.map(({ memory }) => memory)),
      evaluations: records.filter((one) => "queries" in one),
    };
  };
  if (!training) {
    records.push(await evaluate(0));
    return result([]);
  }
  const { textWeights, losses, steps } = await fineTune(open, phi!, training, {
    checkpoint,
    resume: isFile(checkpoint),
    records,
    signal,
    async onStep({ step, textWeights }: FineTuningProgress) {
      const due = at.includes(step);
      if (due) records.push(await evaluate(step, textWeights));
      for (const share of step === whole ? shares : []) records.push(await evaluateAverage(step, textWeights, share));
      await onProgress(step / whole);
      note();
      return due;
    },
  });
  disposeWeights(textWeights);
  if (steps < whole) return undefined;
  return result(losses);
}

/** Measures where texts and images lie. */
async function measureOn(
  { clip, phi, captioned }: OpenClip,
  { phi: name, noise }: NonNullable<PlannedRun["textAndImage"]>,
  textWeights?: Weights,
): Promise<TextAndImage> {
  if (captioned) return await measureTextAndImage({ clip, phi: phi(name), captioned, textWeights }, noise);
  throw new Error("Measuring texts and images failed: the testbed has no captions beside images; plan without it.");
}

/** Fine-tunes by the planned method. */
async function fineTune(
  open: OpenClip,
  phi: string,
  training: PlannedTraining,
  control: FineTuningControl,
): Promise<FineTuned> {
  if (training.method === "naive") {
    const { recipe, anchor } = training;
    return await open.fineTuneNaively(phi, { ...control, recipe, anchor });
  }
  const { recipe, triplets, keptCaptions } = training;
  return await trainRtd({ ...control, clip: open.clip, phi: open.phi(phi), triplets, recipe, keptCaptions });
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
