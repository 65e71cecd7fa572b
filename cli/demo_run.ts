/** The work of `deno task demo`: draws, encodes, evaluates, fine-tunes, evaluates again. */
import type { Device } from "../lib/backend/device.ts";
import { defaultSplitSeed, emojiBenchmark, emojiQueries } from "../lib/emoji/data/benchmark.ts";
import { editSampler } from "../lib/emoji/data/triplets.ts";
import { labelRetrieval } from "../lib/emoji/evaluation/label_retrieval.ts";
import { encodeEmojiImages } from "../lib/emoji/evaluation/part.ts";
import { emojiRow, evaluationsOf, frozenEvaluations, frozenRows } from "../lib/emoji/evaluation/rows.ts";
import { type EmbeddedSize, loadEmbeddedModel } from "../lib/emoji/model/embedded_model.ts";
import type { DemoResult } from "../lib/emoji/report/demo_result.ts";
import { describeStepMemory } from "../lib/rtd/check_memory.ts";
import { changeRecipe, embeddedRecipe } from "../lib/rtd/recipe.ts";
import { predictStepMemory } from "../lib/rtd/step_memory.ts";
import { trainRtd } from "../lib/rtd/train.ts";
import type { Weights } from "../lib/tensors/weights.ts";
import type { Session } from "./session.ts";

/** The choices of a demo. */
export interface DemoRun {
  /** The embedded CLIP. */
  size: EmbeddedSize;
  device: Device;
  steps: number;
  seed?: number;
  /** Seed of the split into families. */
  split?: number;
  keepCaptions?: number;
  checkpoint: string;
  resume?: boolean;
}

/** Runs the demo; returns undefined if Ctrl-C stopped its training, whose checkpoint is then written. */
export async function runDemo(
  { size, device, steps, seed = embeddedRecipe.seed, split = defaultSplitSeed, keepCaptions = 0, checkpoint, resume }:
    DemoRun,
  session: Session,
): Promise<{ result: DemoResult; textWeights: Weights } | undefined> {
  const started = performance.now();
  const stage = (title: string) => (done: number, total: number) => session.stage(title, done, total);
  const recipe = changeRecipe(embeddedRecipe, { steps, seed, keepCaptions });
  const model = await loadEmbeddedModel({ size });
  const benchmark = await emojiBenchmark({ splitSeed: split, onProgress: stage("drawing images") });
  for (const { style, failed } of Object.values(benchmark.images)) {
    if (failed.length > 0) {
      console.log(`${failed.length} ${style} icons cannot be drawn: ${failed.map(({ icon }) => icon).join(", ")}`);
    }
  }
  session.stageDone();
  const triplets = editSampler(benchmark.edits.train), { clip, phi } = model;
  const some = triplets(seed).next(recipe.batch);
  const memory = predictStepMemory({ clip, phi, recipe, triplets: some, backend: device.backend, checkpoint: true });
  console.log(describeStepMemory(memory, device));
  // Before everything is evaluated, so that a run that goes on repeats little.
  const trainStarted = performance.now(), bar = session.progress("training RTD");
  const { textWeights, losses, steps: done } = await trainRtd({
    ...model,
    triplets,
    recipe,
    checkpoint,
    resume,
    signal: session.signal,
    onStep: async ({ step, loss }) => {
      bar.update(step, steps, `loss ${loss.toFixed(3)}`);
      await session.yield();
    },
  });
  bar.done();
  if (session.signal.aborted) {
    session.whenStopped(`Stopped after step ${done}. To go on: ${session.commandLine("--resume")}`);
    return undefined;
  }
  const training = (performance.now() - trainStarted) / 1000;
  session.whenStopped(`Stopped after the training. To go on: ${session.commandLine("--resume")}`);
  const features = await encodeEmojiImages(model.clip, benchmark, { onProgress: stage("encoding images") }); // [N, P]
  const setup = { ...model, benchmark, features, queries: emojiQueries(benchmark, "test") };
  let scored = 0;
  const scoring = (title: string, total: number) => () => session.stage(title, ++scored, total);
  const frozen = await frozenRows({ ...setup, onScored: scoring("evaluating the frozen model", frozenEvaluations) });
  scored = 0;
  const onScored = scoring("evaluating the fine-tuned model", evaluationsOf("phi + text"));
  const fineTuned = await emojiRow({ ...setup, onScored }, "phi + text after RTD", "phi + text", textWeights);
  const labelled = { emoji: benchmark.emoji, images: benchmark.images.noto, features };
  const before = await labelRetrieval(model.clip, labelled);
  const after = await labelRetrieval(model.clip, { ...labelled, textWeights });
  session.stageDone();
  const seconds = { training, total: (performance.now() - started) / 1000 };
  const result = { setup, device, recipe, losses, frozen, fineTuned, labels: { before, after }, seconds };
  return { result, textWeights };
}
