/**
 * The training loop of RTD: a trainable copy of the text encoder, pulled towards the frozen one's features of targets.
 *
 * Letters: B triplets, N pairs (B, or 2B with refined batches), P width of the embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import type { Clip } from "../clip/model_folder.ts";
import { textShapes } from "../clip/shapes.ts";
import { encodeText } from "../clip/text_encoder.ts";
import { cloneWeights, disposeWeights, weight, type Weights } from "../clip/weights.ts";
import type { Phi } from "../projection/phi.ts";
import { adamWState, adamWStep } from "../training/adamw.ts";
import { loadCheckpoint, saveCheckpoint } from "../training/checkpoint.ts";
import { valueAndGradients } from "../training/gradients.ts";
import { random, type RandomState } from "../training/random.ts";
import { rateFactor } from "../training/schedule.ts";
import type { TripletSampler } from "../triplets/triplet.ts";
import { noisyPseudoWords } from "./concatenation.ts";
import { frozenTexts } from "./frozen_texts.ts";
import { rtdLoss } from "./loss.ts";
import { isTrainable, type RtdRecipe } from "./recipe.ts";
import { type StepPairs, stepPairs } from "./sampler.ts";

/** What is tuned, and with what. */
export interface RtdModel {
  clip: Clip;
  phi: Phi;
  phiHash: string;
}

/** Where a run is after a step. */
export interface RtdProgress {
  /** Steps done, this one included. */
  step: number;
  loss: number;
  /** Seconds that this step took. */
  seconds: number;
  /** The text encoder as it is now; the loop's, not to be disposed or kept. */
  textWeights: Weights;
}

/** How a run is watched, stopped and resumed. */
export interface RtdRun {
  onStep?: (progress: RtdProgress) => Promise<void> | void;
  /** Stops after the step in progress; a checkpoint is written if there is a place for it. */
  signal?: AbortSignal;
  /** Where the checkpoint goes when the run stops or ends. */
  checkpoint?: string;
  /** Goes on from the checkpoint. */
  resume?: boolean;
}

/** What came out. */
export interface RtdResult {
  /** The tuned text tower with its projection, all tensors; the caller's to dispose. */
  textWeights: Weights;
  /** The loss of every step, those before a resume included. */
  losses: number[];
  /** Steps done; fewer than the recipe's if the run was stopped. */
  steps: number;
}

/**
 * Trains.
 *
 * @param makeSampler a sampler of triplets from a seed (a number) or from what an earlier one's `state()` returned
 * @throws {Error} if the loss stops being a number, or the checkpoint to resume is of another recipe or model
 */
export async function trainRtd(
  { clip, phi, phiHash }: RtdModel,
  makeSampler: (start: unknown) => TripletSampler,
  recipe: RtdRecipe,
  { onStep, signal, checkpoint, resume }: RtdRun = {},
): Promise<RtdResult> {
  const { steps, ...rest } = recipe;
  // Under a constant rate a run may be continued for more steps than it was begun for; nothing else may change.
  const planned = recipe.schedule.shape === "constant" ? {} : { steps };
  const configuration = { ...rest, ...planned, clip: clip.hash, phi: phiHash };
  const saved = resume ? await loadCheckpoint(needed(checkpoint), configuration) : undefined;
  const rng = random((saved?.progress.random as RandomState | undefined) ?? recipe.seed);
  const sampler = makeSampler(saved ? saved.progress.sampler : recipe.seed);
  const losses = (saved?.progress.losses as number[] | undefined) ?? [];

  const { frozen, parameters: fresh } = splitText(clip, recipe);
  const parameters = saved?.parameters ?? cloneWeights(fresh);
  const optimizer = saved?.optimizer ?? adamWState(parameters);
  const whole = (moving: Weights): Weights => ({ ...frozen, ...moving });
  const anchor = frozenTexts(clip);

  while (optimizer.step < steps && !signal?.aborted) {
    const started = performance.now();
    const pairs = stepPairs(sampler.next(recipe.batch), recipe.concatenation, recipe.refinedBatches);
    const references = await anchor.features(pairs.references); // [B, P]
    const targets = await anchor.features(pairs.composed.targets); // [B, P]
    const { value, gradients } = tf.tidy(() => {
      const words = recipe.concatenation === "phi"
        ? noisyPseudoWords(phi, references, recipe.noise, rng) // [B, D]
        : undefined;
      return valueAndGradients(
        (moving) => stepLoss(clip, whole(moving), pairs, words, references, targets, recipe),
        parameters,
      );
    });
    const rate = recipe.optimizer.learningRate * rateFactor(recipe.schedule, optimizer.step, steps);
    adamWStep(parameters, gradients, optimizer, recipe.optimizer, rate);
    disposeWeights(gradients);
    const [loss] = await value.data();
    tf.dispose([value, references, targets]);
    if (!Number.isFinite(loss)) {
      throw new Error(`Training RTD failed at step ${optimizer.step}: the loss is ${loss}; lower the learning rate.`);
    }
    losses.push(loss);
    const seconds = (performance.now() - started) / 1000;
    await onStep?.({ step: optimizer.step, loss, seconds, textWeights: whole(parameters) });
  }

  if (checkpoint) {
    const progress = { random: rng.state(), sampler: sampler.state(), losses };
    await saveCheckpoint(checkpoint, { configuration, progress, parameters, optimizer });
  }
  disposeWeights(optimizer.first);
  disposeWeights(optimizer.second);
  return { textWeights: { ...cloneWeights(frozen), ...parameters }, losses, steps: optimizer.step };
}

/** The loss of one step as a function of the text weights. */
function stepLoss(
  clip: Clip,
  text: Weights,
  { composed, refined }: StepPairs,
  words: tf.Tensor2D | undefined,
  references: tf.Tensor2D,
  targets: tf.Tensor2D,
  { anchor, temperature, keepCaptions }: RtdRecipe,
): tf.Scalar {
  const encode = (texts: string[], words?: tf.Tensor2D) =>
    normaliseRows(encodeText(text, clip.config.text, clip.tokenizer.encode(texts), words)); // [B, P]
  const groups = refined ? [composed, refined] : [composed];
  const queries = tf.concat(groups.map((group) => encode(group.queries, words))) as tf.Tensor2D; // [N, P]
  const side = (group: typeof composed, features: tf.Tensor2D) =>
    anchor ? normaliseRows(features) : encode(group.targets); // [B, P]
  const sides = [side(composed, targets), ...(refined ? [side(refined, references)] : [])];
  const loss = rtdLoss(tf.concat(sides) as tf.Tensor2D, queries, temperature);
  if (keepCaptions === 0) return loss;
  const kept = tf.sum(tf.mul(encode(composed.targets), normaliseRows(targets)), 1); // [B]
  return tf.add(loss, tf.mul(tf.mean(tf.sub(1, kept)), keepCaptions)) as tf.Scalar;
}

/** The text tower's tensors, those that stay and those that move; none is copied. */
function splitText(clip: Clip, { trainable }: RtdRecipe): { frozen: Weights; parameters: Weights } {
  const frozen: Weights = {}, parameters: Weights = {};
  for (const name of Object.keys(textShapes(clip.config))) {
    const group = isTrainable(name, trainable, clip.config.text.layers) ? parameters : frozen;
    group[name] = weight(clip.weights, name);
  }
  return { frozen, parameters };
}

function needed(checkpoint: string | undefined): string {
  if (checkpoint === undefined) throw new Error("Resuming failed: no checkpoint was named; set `checkpoint` too.");
  return checkpoint;
}
