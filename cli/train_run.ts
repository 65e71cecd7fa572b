/** The work of `deno task train`: a trial step, validation of the frozen encoder, the training, and what is written. */
import { describeDevice } from "../lib/backend/device.ts";
import { disposeWeights, type Weights } from "../lib/tensors/weights.ts";
import { changePreprocessing } from "../lib/clip/files/change_preprocessing.ts";
import { type Clip, loadClip } from "../lib/clip/files/model_folder.ts";
import { mostCached } from "../lib/clip/frozen_text_features.ts";
import { visionShapes } from "../lib/clip/model/shapes.ts";
import { trainValidated, type Validation, type ValidationPlan } from "../lib/evaluation/validated_training.ts";
import { openValidator, type Validator } from "../lib/evaluation/validator.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { lockFile } from "../lib/io/file_lock.ts";
import { removeLeftoverParts } from "../lib/io/leftover_parts.ts";
import { memoryNow } from "../lib/io/process_memory.ts";
import { isFile, isFolder } from "../lib/io/read_file.ts";
import { loadPhi } from "../lib/projection/phi_file.ts";
import { type MetricsLine, openMetricsLog } from "../lib/report/metrics_log.ts";
import { describeStepMemory } from "../lib/rtd/check_memory.ts";
import { saveFineTuned } from "../lib/rtd/save_fine_tuned.ts";
import type { TrainRtdOptions } from "../lib/rtd/train.ts";
import { trialStep } from "../lib/rtd/trial_step.ts";
import { inspectCheckpoint } from "../lib/training/checkpoint.ts";
import { rateFactor } from "../lib/training/schedule.ts";
import { duration, type StepTime, timeLeft, type WorkLeft } from "../lib/training/time_left.ts";
import { dueAfter } from "../lib/training/validation_steps.ts";
import { tripletSampler } from "../lib/triplets/triplet_sampler.ts";
import type { Session } from "./session.ts";
import { writeTrainingPage } from "./train_page.ts";
import { sayLongTexts } from "./train_long_texts.ts";
import { keptText, runFiles, towersOf, type TrainTask } from "./train_task.ts";
import { readingText } from "./triplets_reading_text.ts";

/** Triplets whose references and targets can all be cached by the frozen encoder. */
const fewTriplets = mostCached / 2;

/** Milliseconds of a validation that shows no progress of its own. */
const quick = 1500;

/** Runs a checked task. */
export async function runTraining(task: TrainTask, session: Session): Promise<void> {
  const { recipe, keptCaptions, validation, out, resumed, device } = task, { steps } = recipe, files = runFiles(out);
  using _lock = await lockFile(files.lock, "Training RTD");
  for (const folder of [out, files.last, files.best]) if (isFolder(folder)) await removeLeftoverParts(folder);
  console.log(readingText(task.reading));
  const kept = keptText(task);
  if (kept) console.log(`captions kept: ${kept}`);
  console.log(`loading ${task.clip}`);
  const loaded = await loadClip(task.clip, { towers: towersOf(validation) });
  const clip = await withTargetPad({ ...loaded, tokenizer: task.tokenizer }, task.targetPad);
  const phi = await loadPhi(clip, task.phi);
  // A list lets the frozen encoder fill its blocks; from one seed both draw the same triplets in the same order.
  const incompleteBatch = task.incompleteBatch;
  const triplets = task.triplets.length <= fewTriplets
    ? { triplets: [...task.triplets], incompleteBatch }
    : { triplets: tripletSampler(task.triplets, { incomplete: incompleteBatch }) };
  // deno-lint-ignore no-explicit-any
  const training: TrainRtdOptions<any> = {
    ...{ clip, phi, ...triplets, recipe, keptCaptions: keptCaptions?.captions },
    ...{ encoder: task.encoder, recompute: task.recompute, signal: session.signal },
  };

  session.whenStopped(() => stopText(files.checkpoint, session));
  await sayLongTexts(clip, task, session);
  console.log(describeStepMemory(task.memory, device));
  const trial = resumed ? undefined : await measured(task, training, session);
  using validator = validation && await validatorOf(task, clip, phi, session);
  session.signal.throwIfAborted();

  // A run that goes on may have more steps than it began with; that it is the same otherwise, the checks have seen.
  if (!resumed) await writeAtomically(files.run, JSON.stringify(task.configuration, null, 1) + "\n");
  await writeAtomically(files.recipe, JSON.stringify(recipe, null, 1) + "\n");
  using log = await openMetricsLog(out, resumed?.step);
  const earlier = log.lines.at(-1)?.seconds ?? 0, started = performance.now();
  const seconds = () => Math.round((earlier + (performance.now() - started) / 1000) * 1000) / 1000;
  const clock = timeLeft(
    trial ?? loggedStep(log.lines, recipe.batch),
    log.lines.findLast(hasValidation)?.validationSeconds,
  );
  if (resumed) {
    const rest = clock.left(workLeft(resumed.step, task));
    console.log(
      `going on after step ${resumed.step} of ${steps}` + (rest ? `, about ${duration(rest)} on this device` : ""),
    );
  }
  const description = `${task.reading.triplets} triplets of ${task.reading.form} (SHA-256 ${task.triplets.hash()})` +
    (incompleteBatch === "drop" ? ", incomplete batches dropped" : "") +
    (kept ? `; captions kept: ${kept}` : "");
  const card = { data: description, device: describeDevice(device), nameOf: figureNamer(task) };
  const bar = { display: undefined as ReturnType<Session["progress"]> | undefined };
  let took: number | undefined, validating = 0;
  const plan: ValidationPlan | undefined = validator && {
    validate: (weights, onProgress) => {
      validating = performance.now();
      return validator.validate(weights, onProgress);
    },
    ...{ every: validation!.every, bestBy: validation!.bestBy, folder: files.best, card },
    onProgress: (done, total, note) => {
      session.signal.throwIfAborted();
      if (performance.now() - validating < quick) return;
      // The bar of the steps goes on after the validation.
      bar.display?.done();
      bar.display = undefined;
      session.stage("validating", done, total, note);
    },
    onValidation: ({ step, metrics }, validationSeconds) => {
      session.stageDone();
      clock.validation(took = validationSeconds);
      console.log(`step ${step}: ${validation!.bestBy} ${metrics[validation!.bestBy].toFixed(2)}`);
      if (step > 0) return;
      log.add({ step, seconds: seconds(), validation: metrics, validationSeconds: round(validationSeconds) });
      const work = workLeft(0, task), rest = clock.left(work);
      console.log(
        `${work.validations} more validations of ${duration(validationSeconds)}; about ${duration(rest!)} in all`,
      );
    },
  };

  const result = await trainValidated({
    ...training,
    checkpoint: files.checkpoint,
    saveEvery: task.saveEvery,
    resume: resumed !== undefined,
    gradientNorm: true,
    plan,
    async onStep({ step, loss, seconds: ofStep, drawing, gradientNorm, validation: validated }) {
      clock.step({ seconds: ofStep, drawing });
      log.add({
        ...{ step, seconds: seconds(), loss, gradientNorm },
        rate: recipe.optimizer.learningRate * rateFactor(recipe.schedule, step - 1, steps),
        tripletsPerSecond: round(recipe.batch / ofStep),
        memory: memoryNow(),
        ...(validated && { validation: validated.metrics, validationSeconds: round(took ?? 0) }),
      });
      bar.display ??= session.progress("training RTD");
      bar.display.update(step, steps, `loss ${loss.toFixed(4)}`, clock.left(workLeft(step, task)));
      await session.yield();
    },
  });
  bar.display?.done();
  if (result.steps < steps) {
    disposeWeights(result.textWeights);
    return;
  }
  session.whenStopped(`Stopped after the training. To write the rest: ${session.commandLine("--resume")}`);
  await saveFineTuned(files.last, {
    ...{ clip, phi, recipe, textWeights: result.textWeights, step: result.steps, data: card.data, device: card.device },
    metrics: figuresOf(result.validations.at(-1), card.nameOf),
  });
  disposeWeights(result.textWeights);
  const fault = await writeTrainingPage({ task, result, lines: log.lines, clip, phi, validator });
  sayWhatWasWritten(task, result, { seconds: seconds(), memory: mostMemory(log.lines) });
  if (fault) throw new Error(`${fault} Everything else is written, and --resume tries again.`);
}

async function withTargetPad(clip: Clip, targetPad: number | undefined): Promise<Clip> {
  return targetPad === undefined ? clip : await changePreprocessing(clip, { targetPad });
}

/** What Ctrl-C leaves, and how to go on from it. */
function stopText(checkpoint: string, session: Session): string {
  if (!isFile(checkpoint)) return `Stopped before step 1. To start: ${session.commandLine()}`;
  const { step } = inspectCheckpoint(checkpoint), when = step === 0 ? "before step 1" : `after step ${step}`;
  return `Stopped ${when}. To go on: ${session.commandLine("--resume")}`;
}

/** Measures a trial step and says how long the run will take, without validations. */
async function measured(
  task: TrainTask,
  // deno-lint-ignore no-explicit-any
  training: TrainRtdOptions<any>,
  session: Session,
): Promise<StepTime> {
  const display = session.progress("taking a trial step");
  const trial = await trialStep(training);
  display.done();
  session.signal.throwIfAborted();
  const seconds = timeLeft(trial).left({ ...workLeft(0, task), validations: 0 });
  console.log(`${task.recipe.steps} steps, about ${duration(seconds!)} on this device`);
  return trial!;
}

/** Encodes what is validated on; the image tower is then not needed any more. */
async function validatorOf(
  { validation }: TrainTask,
  clip: Clip,
  phi: Awaited<ReturnType<typeof loadPhi>>,
  session: Session,
): Promise<Validator> {
  const { data, cache } = validation!, title = data.captions ? "encoding captions" : "encoding images";
  const validator = await openValidator(data, {
    ...{ clip, phi, cache },
    onProgress: (done, total, note) => session.stage(title, done, total, note),
  });
  session.stageDone();
  const image: Weights = {};
  for (const name of Object.keys(visionShapes(clip.config))) {
    if (!clip.weights[name]) continue;
    image[name] = clip.weights[name];
    delete clip.weights[name];
  }
  disposeWeights(image);
  return validator;
}

/** What is still to come after a step. After the first epoch, or the one since a resume, frozen features are cached. */
function workLeft(step: number, { recipe: { steps, batch }, validation, triplets, resumed }: TrainTask): WorkLeft {
  const cachedFrom = triplets.length > fewTriplets ? steps : (resumed?.step ?? 0) + Math.ceil(triplets.length / batch);
  return {
    steps: steps - step,
    uncached: Math.max(0, Math.min(steps, cachedFrom) - step),
    validations: validation ? dueAfter(step, { steps, every: validation.every }) : 0,
  };
}

/** Time of a step, by the log of a run that goes on; how much of it was drawing, the log does not say. */
function loggedStep(lines: readonly MetricsLine[], batch: number): StepTime | undefined {
  const rates = lines.slice(-50).map(({ tripletsPerSecond }) => tripletsPerSecond).filter((rate) => rate !== undefined);
  if (rates.length === 0) return undefined;
  return { seconds: batch * rates.reduce((sum, rate) => sum + 1 / rate, 0) / rates.length, drawing: 0 };
}

function mostMemory(lines: readonly MetricsLine[]): number {
  return lines.reduce((most, { memory = 0 }) => Math.max(most, memory), memoryNow());
}

function hasValidation({ validationSeconds }: MetricsLine): boolean {
  return validationSeconds !== undefined;
}

/** Names of figures in a model card, such as "cirr val, R@1 (CAPTIONS)". */
function figureNamer({ validation }: TrainTask): (metric: string) => string {
  const { data } = validation ?? {}, mark = data && data.marks.length > 0 ? ` (${data.marks.join(", ")})` : "";
  return (metric) => `${data?.benchmark} ${data?.split}, ${metric}${mark}`;
}

function figuresOf(validation: Validation | undefined, nameOf: (metric: string) => string): Record<string, number> {
  return Object.fromEntries(Object.entries(validation?.metrics ?? {}).map(([name, value]) => [nameOf(name), value]));
}

function sayWhatWasWritten(
  { out, validation }: TrainTask,
  { validations, best }: { validations: readonly Validation[]; best?: Validation },
  { seconds, memory }: { seconds: number; memory: number },
): void {
  if (validation && best) {
    const { bestBy } = validation, figure = ({ metrics }: Validation) => metrics[bestBy].toFixed(2);
    console.log(
      `${bestBy}: ${figure(validations[0])} frozen, ${figure(best)} at step ${best.step} (best), ` +
        `${figure(validations.at(-1)!)} at the end`,
    );
  }
  const folders = [...(best ? ["best/"] : []), "last/"].join(" and ");
  console.log(
    `written in ${duration(seconds)}, with ${(memory / 1e9).toFixed(1)} GB at most: ${folders}, report.html, ` +
      `recipe.json, metrics.jsonl in ${out}`,
  );
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
