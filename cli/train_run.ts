/** The work of `deno task train`: a trial step, validation of the frozen encoder, the training, and what is written. */
import { describeDevice } from "../lib/backend/device.ts";
import { disposeWeights, type Weights } from "../lib/tensors/weights.ts";
import { changePreprocessing } from "../lib/clip/files/change_preprocessing.ts";
import { type Clip, loadClip, type Towers } from "../lib/clip/files/model_folder.ts";
import { visionShapes } from "../lib/clip/model/shapes.ts";
import { trainValidated, type Validation, type ValidationPlan } from "../lib/evaluation/validated_training.ts";
import { openValidator, type Validator } from "../lib/evaluation/validator.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { lockFile } from "../lib/io/file_lock.ts";
import { removeLeftoverParts } from "../lib/io/leftover_parts.ts";
import { memoryNow, peakMemory } from "../lib/io/process_memory.ts";
import { composedPrompt } from "../lib/projection/prompts.ts";
import { loadPhi } from "../lib/projection/phi_file.ts";
import { type MetricsLine, openMetricsLog } from "../lib/report/metrics_log.ts";
import { saveFineTuned } from "../lib/rtd/save_fine_tuned.ts";
import { predictStepMemory } from "../lib/rtd/step_memory.ts";
import type { TrainRtdOptions } from "../lib/rtd/train.ts";
import { trialStep } from "../lib/rtd/trial_step.ts";
import { rateFactor } from "../lib/training/schedule.ts";
import { duration, timeLeft } from "../lib/training/time_left.ts";
import type { Triplet } from "../lib/triplets/triplet.ts";
import { tripletSampler } from "../lib/triplets/triplet_sampler.ts";
import type { Session } from "./session.ts";
import { writeTrainingPage } from "./train_page.ts";
import { runFiles, type TrainTask } from "./train_task.ts";
import { readingText } from "./triplets_reading_text.ts";

/** Triplets up to which all texts are known from the start, which fills blocks of the frozen encoder. */
const fewTriplets = 50_000;

/** Milliseconds of a validation that shows no progress of its own. */
const quick = 1500;

/** Runs a checked task. */
export async function runTraining(task: TrainTask, session: Session): Promise<void> {
  const { recipe, validation, out, resumed, device } = task, { steps } = recipe, files = runFiles(out);
  using _lock = await lockFile(files.lock, "Training RTD");
  await removeLeftoverParts(out);
  console.log(readingText(task.reading));
  console.log(`loading ${task.clip}`);
  const inImages = validation !== undefined && validation.data.captions === undefined;
  const towers = inImages ? "both" : "text";
  const clip = await withTargetPad(await loadClip(task.clip, { towers }), task.targetPad);
  const phi = await loadPhi(clip, task.phi);
  // A list lets the frozen encoder fill its blocks; from one seed both draw the same triplets in the same order.
  const triplets = task.triplets.length <= fewTriplets ? [...task.triplets] : tripletSampler(task.triplets);
  // deno-lint-ignore no-explicit-any
  const training: TrainRtdOptions<any> = {
    ...{ clip, phi, triplets, recipe, encoder: task.encoder, recompute: task.recompute, signal: session.signal },
  };

  if (Array.isArray(triplets)) sayCutTexts(clip, triplets);
  session.whenStopped(`Stopped before step 1. To start: ${session.commandLine()}`);
  const trial = resumed ? undefined : await measured({ task, towers, session }, training);
  using validator = validation && await validatorOf(task, clip, phi, session);
  session.signal.throwIfAborted();

  if (!resumed) await writeAtomically(files.run, JSON.stringify(task.configuration, null, 1) + "\n");
  await writeAtomically(files.recipe, JSON.stringify(recipe, null, 1) + "\n");
  using log = await openMetricsLog(out, resumed?.step);
  const earlier = log.lines.at(-1)?.seconds ?? 0, started = performance.now();
  const seconds = () => Math.round((earlier + (performance.now() - started) / 1000) * 1000) / 1000;
  const clock = timeLeft(
    trial ?? stepSeconds(log.lines, recipe.batch),
    log.lines.findLast(hasValidation)?.validationSeconds,
  );
  if (resumed) {
    const rest = clock.left(steps - resumed.step, 0);
    console.log(
      `going on after step ${resumed.step} of ${steps}` + (rest ? `, about ${duration(rest)} on this device` : ""),
    );
  }
  const description = `${task.reading.triplets} triplets of ${task.reading.form} (SHA-256 ${task.triplets.hash()})`;
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
      const count = validationsLeft(0, task), rest = clock.left(steps, count);
      console.log(`${count} more validations of ${duration(validationSeconds)}; about ${duration(rest!)} in all`);
    },
  };

  const result = await trainValidated({
    ...training,
    checkpoint: files.checkpoint,
    saveEvery: task.saveEvery,
    resume: resumed !== undefined,
    gradientNorm: true,
    plan,
    async onStep({ step, loss, seconds: ofStep, gradientNorm, validation: validated }) {
      clock.step(ofStep);
      log.add({
        ...{ step, seconds: seconds(), loss, gradientNorm },
        rate: recipe.optimizer.learningRate * rateFactor(recipe.schedule, step - 1, steps),
        tripletsPerSecond: round(recipe.batch / ofStep),
        memory: memoryNow(),
        ...(validated && { validation: validated.metrics, validationSeconds: round(took ?? 0) }),
      });
      bar.display ??= session.progress("training RTD");
      const left = clock.left(steps - step, validationsLeft(step, task));
      bar.display.update(step, steps, `loss ${loss.toFixed(4)}`, left);
      await session.yield();
    },
  });
  bar.display?.done();
  if (result.steps < steps) {
    disposeWeights(result.textWeights);
    session.whenStopped(`Stopped after step ${result.steps}. To go on: ${session.commandLine("--resume")}`);
    return;
  }
  session.whenStopped(`Stopped after the training. To write the rest: ${session.commandLine("--resume")}`);
  await saveFineTuned(files.last, {
    ...{ clip, phi, recipe, textWeights: result.textWeights, step: result.steps, data: card.data, device: card.device },
    metrics: figuresOf(result.validations.at(-1), card.nameOf),
  });
  disposeWeights(result.textWeights);
  const fault = await writeTrainingPage({ task, result, lines: log.lines, clip, phi, validator });
  sayWhatWasWritten(task, result, seconds());
  if (fault) throw new Error(`${fault} Everything else is written, and --resume tries again.`);
}

async function withTargetPad(clip: Clip, targetPad: number | undefined): Promise<Clip> {
  return targetPad === undefined ? clip : await changePreprocessing(clip, { targetPad });
}

/** Says how many texts are longer than the model reads. */
function sayCutTexts({ tokenizer, config: { text: { context } } }: Clip, triplets: readonly Triplet[]): void {
  const texts = triplets.flatMap(({ reference, conditioning, target }) => [
    reference,
    composedPrompt(conditioning),
    target,
  ]);
  const cut = texts.filter((text) => tokenizer.encode([text]).length >= context).length;
  if (cut > 0) console.log(`${cut} texts fill the ${context} tokens that the model reads; longer ones are cut`);
}

/** Measures a trial step and says what the run will take. */
async function measured(
  { task: { device, triplets: list }, towers, session }: { task: TrainTask; towers: Towers; session: Session },
  // deno-lint-ignore no-explicit-any
  training: TrainRtdOptions<any>,
): Promise<number> {
  const { steps } = training.recipe!, display = session.progress("taking a trial step");
  const trial = await trialStep(training);
  display.done();
  session.signal.throwIfAborted();
  const { clip, phi, encoder, recompute } = training, some = Math.min(list.length, fewTriplets);
  const memory = predictStepMemory({
    ...{ clip, towers, phi, encoder, recompute, recipe: training.recipe! },
    triplets: Array.from({ length: some }, (_, i) => list.at(i)),
    count: list.length,
    backend: device.backend,
    checkpoint: true,
  });
  const bytes = device.gpu ? memory.tensors : Math.max(memory.process, peakMemory());
  const size = `${(bytes / 1e9).toFixed(1)} GB${device.gpu ? " of the GPU's memory" : ""}`;
  console.log(`${steps} steps, about ${duration(steps * trial!)} on this device, about ${size}`);
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

/** Validations still to come after a step. */
function validationsLeft(step: number, { recipe: { steps }, validation }: TrainTask): number {
  if (!validation) return 0;
  const due = new Set([50, steps]);
  for (let at = validation.every; at <= steps; at += validation.every) due.add(at);
  return [...due].filter((at) => at > step && at <= steps).length;
}

/** Seconds of a step, by the log of a run that goes on. */
function stepSeconds(lines: readonly MetricsLine[], batch: number): number | undefined {
  const rates = lines.slice(-50).map(({ tripletsPerSecond }) => tripletsPerSecond).filter((rate) => rate !== undefined);
  return rates.length === 0 ? undefined : batch * rates.reduce((sum, rate) => sum + 1 / rate, 0) / rates.length;
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
  seconds: number,
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
    `written in ${duration(seconds)}, with ${(peakMemory() / 1e9).toFixed(1)} GB at most: ${folders}, report.html, ` +
      `recipe.json, metrics.jsonl in ${out}`,
  );
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
