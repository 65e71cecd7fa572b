/**
 * The one training loop: draws a step, follows its gradient with AdamW, keeps a checkpoint. It knows no method.
 *
 * A run is decided by its configuration and its seeds alone: stopped or killed at any moment and resumed, it gives the
 * same numbers, bit for bit, as a run that was left in peace.
 */
import * as tf from "@tensorflow/tfjs";
import { disposeWeights, type Weights } from "../clip/weights.ts";
import { type AdamWOptions, adamWState, adamWStep } from "./adamw.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { clipGradientNorm, valueAndGradients } from "./gradients.ts";
import { rateFactor, type Schedule } from "./schedule.ts";

/** How long, and how fast. */
export interface FitOptions {
  steps: number;
  optimizer: AdamWOptions;
  schedule: Schedule;
  /** Longest joint gradient; absent, gradients stay as they are. */
  clipNorm?: number;
}

/** What one step needs. */
export interface FitStep {
  /** The loss as a function of the parameters; all else that it reads is constant. Runs inside `tf.tidy`. */
  loss: (parameters: Weights) => tf.Scalar;
  /** Tensors of this step alone; freed by the loop after it. */
  constants: tf.Tensor[];
}

/** Draws steps for ever, from a state that a checkpoint can hold. */
export interface FitSource {
  next(): Promise<FitStep>;
  /** JSON-safe; a source begun from it goes on as this one would. */
  state(): unknown;
}

/** What is trained. */
export interface Fit {
  /** For messages, such as "Training RTD". */
  title: string;
  /** Everything that decides the outcome, `options` aside; a checkpoint of another configuration is refused. */
  configuration: Record<string, unknown>;
  options: FitOptions;
  /** Fresh parameters, owned by the loop from then on. Not called when a checkpoint is resumed. */
  initial: () => Weights;
  /** @param saved what an earlier source's `state()` gave; absent at the start of a run */
  begin: (saved?: unknown) => FitSource;
  /** Whether a parameter is decayed; all are by default. */
  decays?: (name: string, parameter: tf.Tensor) => boolean;
  /** Changes parameters in place after a step, such as a temperature that has a largest value. */
  afterStep?: (parameters: Weights) => void;
}

/** Where a run is after a step. */
export interface FitProgress {
  /** Steps done, this one included. */
  step: number;
  loss: number;
  /** Seconds that this step took. */
  seconds: number;
  /** As they are now; the loop's, not to be disposed or kept. */
  parameters: Weights;
}

/** How a run is watched, stopped and resumed. */
export interface RunControl<Progress = FitProgress> {
  onStep?: (progress: Progress) => Promise<void> | void;
  /** Stops after the step in progress; a checkpoint is written if there is a place for it. */
  signal?: AbortSignal;
  /** Where the checkpoint goes: now and then, and when the run stops or ends. */
  checkpoint?: string;
  /** Seconds between checkpoints; 0 is after every step. The time of writing changes no number. */
  saveEvery?: number;
  /** Goes on from the checkpoint. */
  resume?: boolean;
}

/** What came out. */
export interface FitResult {
  /** The caller's to dispose. */
  parameters: Weights;
  /** The loss of every step, those before a resume included. */
  losses: number[];
  /** Steps done; fewer than asked for if the run was stopped. */
  steps: number;
}

/**
 * Trains.
 *
 * Under a constant rate a run may be continued for more steps than it was begun for; nothing else may change.
 * @throws {Error} if the loss stops being a number, or the checkpoint to resume is of another configuration
 */
export async function fit(
  { title, configuration, options, initial, begin, decays = () => true, afterStep }: Fit,
  { onStep, signal, checkpoint, saveEvery = 20, resume }: RunControl = {},
): Promise<FitResult> {
  const { steps, optimizer: adamW, schedule, clipNorm } = options;
  const planned = schedule.shape === "constant" ? {} : { steps };
  const resolved = { ...configuration, ...planned };
  const saved = resume ? await loadCheckpoint(needed(checkpoint), resolved) : undefined;
  const source = begin(saved?.progress.source);
  const losses = (saved?.progress.losses as number[] | undefined) ?? [];
  const parameters = saved?.parameters ?? initial();
  const optimizer = saved?.optimizer ?? adamWState(parameters);
  const save = async () => {
    const progress = { source: source.state(), losses };
    await saveCheckpoint(checkpoint!, { configuration: resolved, progress, parameters, optimizer });
  };

  let written = performance.now();
  while (optimizer.step < steps && !signal?.aborted) {
    const started = performance.now();
    const { loss, constants } = await source.next();
    const { value, gradients } = tf.tidy(() => valueAndGradients(loss, parameters));
    const followed = clipNorm === undefined ? gradients : clipGradientNorm(gradients, clipNorm);
    const rate = adamW.learningRate * rateFactor(schedule, optimizer.step, steps);
    adamWStep(parameters, followed, optimizer, adamW, rate, (name) => decays(name, parameters[name]));
    disposeWeights(followed);
    afterStep?.(parameters);
    const [found] = await value.data();
    tf.dispose([value, ...constants]);
    if (!Number.isFinite(found)) {
      throw new Error(`${title} failed at step ${optimizer.step}: the loss is ${found}; lower the learning rate.`);
    }
    losses.push(found);
    const now = performance.now();
    await onStep?.({ step: optimizer.step, loss: found, seconds: (now - started) / 1000, parameters });
    if (checkpoint && optimizer.step < steps && now - written >= 1000 * saveEvery) {
      await save();
      written = performance.now();
    }
  }

  if (checkpoint) await save();
  disposeWeights(optimizer.first);
  disposeWeights(optimizer.second);
  return { parameters, losses, steps: optimizer.step };
}

function needed(checkpoint: string | undefined): string {
  if (checkpoint === undefined) throw new Error("Resuming failed: no checkpoint was named; set `checkpoint` too.");
  return checkpoint;
}
