/**
 * The one training loop: draws a step, follows its gradient with AdamW, keeps a checkpoint. It knows no method.
 *
 * A run is decided by its configuration, its seeds and the device: stopped or killed at any moment and resumed, it
 * gives the same numbers, bit for bit, as a run that was not interrupted.
 */
import { backendName } from "../backend/backend_name.ts";
import { lockFile } from "../io/file_lock.ts";
import { clipGradientNorm, gradientNorm as normOf, valueAndGradients } from "../tensors/gradients.ts";
import * as tf from "../tensors/tf.ts";
import { allFinite, disposeWeights, type Weights } from "../tensors/weights.ts";
import { type AdamWOptions, type AdamWState, adamWState, adamWStep } from "./adamw.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { rateFactor, type Schedule } from "./schedule.ts";
import type { StepSource } from "./step_source.ts";

/** Number of steps, optimizer and learning-rate schedule. */
export interface FitOptions {
  /** Optimizer steps of the whole run. */
  steps: number;
  /** AdamW's settings, the learning rate among them. */
  optimizer: AdamWOptions;
  /** How the learning rate changes over the run. */
  schedule: Schedule;
  /** Largest joint Euclidean norm of all gradients; absent: gradients are not clipped. */
  clipNorm?: number;
}

/** State of a run after a step. */
export interface FitProgress {
  /** Steps done, this one included. */
  step: number;
  /** Loss of this step, before its update. */
  loss: number;
  /** Seconds that this step took. */
  seconds: number;
  /** Seconds of these that drawing the step took; for RTD mostly the frozen encoder's, which may be cached later. */
  drawing: number;
  /** Joint Euclidean norm of all gradients, before they are clipped; only where `gradientNorm` asks for it. */
  gradientNorm?: number;
  /** The parameters after the step. They belong to the loop: do not dispose or keep them. */
  parameters: Weights;
}

/** How a run is observed, stopped and resumed. */
export interface RunControl<Progress = FitProgress> {
  /** Called after every step; the next step waits for it. If it returns true, a named checkpoint is written at once. */
  onStep?: (progress: Progress) => Promise<boolean | void> | boolean | void;
  /** Whether `onStep` is told the norm of the gradients (default false). It changes no number of the run. */
  gradientNorm?: boolean;
  /** Stops the run after the step in progress; a checkpoint is written if `checkpoint` names a file. */
  signal?: AbortSignal;
  /** File of the checkpoint, written from time to time and when the run stops or ends. */
  checkpoint?: string | URL;
  /** Seconds between checkpoints, 20 by default; 0 writes one after every step. It changes no number of the run. */
  saveEvery?: number;
  /** Goes on from the checkpoint. */
  resume?: boolean;
  /** A list that the checkpoint keeps, such as validations: on resume, what it held then is put in front. */
  records?: unknown[];
}

/** What is trained, and how the run is controlled. */
export interface FitTask<State> extends RunControl {
  /** Name of the training in messages, such as "Training RTD". */
  title: string;
  /**
   * Everything that decides the outcome, `options` aside; a checkpoint of another configuration or items is refused.
   */
  configuration: Record<string, unknown>;
  /** Number of steps, optimizer and schedule. */
  options: FitOptions;
  /** Makes the initial parameters, which then belong to the loop. Not called when a checkpoint is resumed. */
  initial: () => Weights;
  /** Draws the steps. */
  source: StepSource<State>;
  /** Whether a parameter is subject to weight decay; by default all are that the optimizer's `decay` does not spare. */
  decays?: (name: string, parameter: tf.Tensor) => boolean;
  /** What else than the device decides the last bits of a number, such as an encoder; recorded with the device. */
  variant?: string;
  /** Changes parameters in place after a step, for instance to clamp a temperature. */
  afterStep?: (parameters: Weights) => void;
}

/** Result of a run. */
export interface FitResult {
  /** The trained parameters; the caller disposes them. */
  parameters: Weights;
  /** The loss of every step, those before a resume included. */
  losses: number[];
  /** Steps done; fewer than `options.steps` if the run was stopped. */
  steps: number;
  /**
   * Backend and CPU threads that computed the steps, in order; two where a run went on elsewhere: then bits may differ.
   */
  devices: string[];
}

/**
 * Trains parameters and returns them.
 *
 * Under a constant learning rate a run may be resumed with more steps than it was begun with; nothing else may change.
 *
 * @throws {Error} if the loss or a weight becomes NaN or infinite, another process uses the checkpoint, or the
 *   checkpoint to resume is missing, damaged or of another configuration or other items; every tensor of the run is
 *   then freed
 */
export async function fit<State>(task: FitTask<State>): Promise<FitResult> {
  const { title, configuration, options, initial, source, decays = () => true, afterStep, variant } = task;
  const { onStep, gradientNorm = false, signal, checkpoint, saveEvery = 20, resume, records = [] } = task;
  const { steps, optimizer: adamW, schedule, clipNorm } = options;
  using _lock = checkpoint === undefined ? undefined : await lockFile(checkpoint, title);
  const planned = schedule.shape === "constant" ? {} : { steps };
  const items = checkpoint === undefined ? undefined : await source.data?.();
  const resolved = { ...configuration, ...planned, ...(items === undefined ? {} : { items }) };
  const saved = resume ? await loadCheckpoint<State>(needed(checkpoint), resolved) : undefined;
  // What an error would leave behind: the parameters with their moments, and the tensors of the step in progress.
  const held: { parameters?: Weights; optimizer?: AdamWState } = {
    parameters: saved?.parameters,
    optimizer: saved?.optimizer,
  };
  const ofStep: tf.Tensor[] = [];
  try {
    if (saved && saved.optimizer.step > steps) {
      throw new Error(
        `Resuming failed: the checkpoint has ${saved.optimizer.step} steps done, requested are ${steps} in all; request at ` +
          "least as many, or start anew without --resume.",
      );
    }
    if (saved) source.restore(saved.progress.source);
    const losses = saved?.progress.losses ?? [];
    records.unshift(...saved?.progress.records ?? []);
    const device = `${backendName()}, ${navigator.hardwareConcurrency} CPU threads${variant ? `, ${variant}` : ""}`;
    const devices = [...new Set([...saved?.progress.devices ?? [], device])];
    const parameters = held.parameters = saved?.parameters ?? initial();
    const optimizer = held.optimizer = saved?.optimizer ?? adamWState(parameters);
    /** The loss of a step is that before its update, so weights that an update destroyed would pass unnoticed. */
    const requireFinite = async () => {
      if (await allFinite(parameters)) return;
      throw new Error(
        `${title} failed at step ${optimizer.step}: its update made weights that are not finite; lower the learning rate.`,
      );
    };
    const save = async () => {
      await requireFinite();
      const progress = { source: source.state(), losses, records, devices };
      await saveCheckpoint(checkpoint!, { configuration: resolved, progress, parameters, optimizer });
    };

    let written = performance.now();
    while (optimizer.step < steps && !signal?.aborted) {
      const started = performance.now();
      const { loss, constants } = await source.next();
      const drawn = performance.now();
      ofStep.push(...constants);
      const { value, gradients } = tf.tidy(() => valueAndGradients(loss, parameters));
      const norm = gradientNorm ? normOf(gradients) : undefined;
      if (norm) ofStep.push(norm);
      const clipped = clipNorm === undefined ? gradients : clipGradientNorm(gradients, clipNorm);
      const learningRate = adamW.learningRate * rateFactor(schedule, optimizer.step, steps);
      ofStep.push(value, ...Object.values(clipped));
      adamWStep({
        parameters,
        gradients: clipped,
        state: optimizer,
        options: adamW,
        learningRate,
        decays: (name) => decays(name, parameters[name]),
      });
      afterStep?.(parameters);
      const [lossValue] = await value.data(), [normValue] = norm ? await norm.data() : [];
      tf.dispose(ofStep.splice(0));
      if (!Number.isFinite(lossValue)) {
        throw new Error(
          `${title} failed at step ${optimizer.step}: the loss is ${lossValue}; lower the learning rate.`,
        );
      }
      losses.push(lossValue);
      const now = performance.now();
      const wanted = await onStep?.({
        step: optimizer.step,
        loss: lossValue,
        seconds: (now - started) / 1000,
        drawing: (drawn - started) / 1000,
        ...(norm && { gradientNorm: normValue }),
        parameters,
      });
      if (checkpoint && optimizer.step < steps && (wanted || now - written >= 1000 * saveEvery)) {
        await save();
        written = performance.now();
      }
    }

    if (checkpoint) await save();
    else await requireFinite();
    disposeWeights(optimizer.first);
    disposeWeights(optimizer.second);
    return { parameters, losses, steps: optimizer.step, devices };
  } catch (error) {
    for (const weights of [held.parameters, held.optimizer?.first, held.optimizer?.second]) {
      disposeWeights(weights ?? {});
    }
    tf.dispose(ofStep);
    throw error;
  }
}

function needed(checkpoint: string | URL | undefined): string | URL {
  if (checkpoint === undefined) throw new Error("Resuming failed: no checkpoint was named; set `checkpoint` too.");
  return checkpoint;
}
