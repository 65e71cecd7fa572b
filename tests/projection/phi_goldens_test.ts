import * as tf from "../../lib/tensors/tf.ts";
import { assert } from "@std/assert";
import { invertBatch, paperInversion } from "../../lib/projection/searle/textual_inversion.ts";
import { lincirObjective } from "../../lib/projection/lincir/lincir.ts";
import type { Objective } from "../../lib/projection/objective.ts";
import { pic2wordObjective } from "../../lib/projection/pic2word/pic2word.ts";
import { searleObjective } from "../../lib/projection/searle/searle.ts";
import { batchEncoder } from "../../lib/clip/batch_encoder.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { valueAndGradients } from "../../lib/tensors/gradients.ts";
import { type Random, random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { assertNear, type Golden, readGolden, relativeError, tensorOf } from "../golden.ts";
import { goldenClip, textOf } from "./golden_clip.ts";
import { drawer } from "./made_images.ts";

interface OneStep {
  start: Record<string, Golden>;
  loss: number;
  end: Record<string, Golden>;
}

/** The file calls images "pictures". */
const golden = readGolden<{
  lincir: OneStep & { whole: number[][]; masked: number[][]; uniform: Golden; normal: Golden };
  pic2word: OneStep & { pictures: Golden; prompt: number[] };
  searle: OneStep & { pictures: Golden; inverted: Golden; phrases: number[][]; masked: number[][] };
  inversion: {
    pictures: Golden;
    templates: number[][];
    normal: Golden;
    chosen: number[][];
    phrases: number[][][];
    losses: number[];
    averages: Golden[];
  };
}>("phi_training.json");

/** Relative: both sides compute in 32 bits, and ten steps build on each other. */
const tolerance = 1e-4;

/** A generator that gives what it is told. */
function told({ uniforms = [], normals = [], ints = [] }: Partial<Record<string, number[]>>): Random {
  const next = (list: number[]) => {
    const value = list.shift();
    assert(value !== undefined, "more was drawn than the reference drew");
    return value;
  };
  return {
    ...random(1),
    uniform: () => next(uniforms),
    normal: () => next(normals),
    int: () => next(ints),
  };
}

/** One optimiser step from the golden's start, compared with its end. */
async function compareStep(
  objective: Objective<unknown>,
  rng: Random,
  clip: ReturnType<typeof goldenClip>,
  step: OneStep,
  weightDecay: number,
) {
  const phi = Object.fromEntries(Object.entries(step.start).map(([name, array]) => [name, tensorOf(array)]));
  const { loss } = await objective.next(rng);
  const { value, gradients } = tf.tidy(() =>
    valueAndGradients((w) => loss(w, batchEncoder(clip.weights, clip.config.text), (hidden) => hidden), phi)
  );
  assert(await relativeError(value, { shape: [], values: [step.loss] }) < tolerance, `loss ${await value.data()}`);
  const options = { ...adamWDefaults, learningRate: 1e-2, weightDecay };
  adamWStep({ parameters: phi, gradients, state: adamWState(phi), options });
  for (const [name, end] of Object.entries(step.end)) await assertNear(name, phi[name], end, tolerance);
}

eachBackend("lincirObjective: loss and one step equal PyTorch's", async () => {
  const { whole, masked, uniform, normal, ...step } = golden.lincir;
  const clip = goldenClip(), B = whole.length;
  const items = whole.map((ids, i) => ({ caption: textOf(ids), masked: textOf(masked[i]) }));
  const sampler = { next: () => items, state: () => 0 };
  const objective = lincirObjective(clip, () => sampler, 0, { batch: B, noise: 1, input: "raw", anchor: true });
  // Row by row: one u, then its normal numbers.
  const rng = told({ uniforms: [...uniform.values], normals: [...normal.values] });
  await compareStep(objective, rng, clip, step, 0.01);
});

eachBackend("pic2wordObjective: loss and one step equal PyTorch's", async () => {
  const { pictures, prompt, ...step } = golden.pic2word;
  const clip = goldenClip(prompt);
  const objective = pic2wordObjective(clip, tensorOf(pictures), 3, { batch: 100, input: "raw" });
  await compareStep(objective, told({}), clip, step, 0.1);
});

eachBackend("searleObjective: loss and one step equal PyTorch's", async () => {
  const { pictures, inverted, phrases, masked, ...step } = golden.searle;
  const clip = goldenClip();
  const draw = drawer((image) => ({ phrase: textOf(phrases[image]), masked: textOf(masked[image]) }));
  const options = { batch: 100, input: "raw", temperature: 0.25, phraseWeight: 0.75, anchor: true } as const;
  const images = { features: tensorOf<tf.Tensor2D>(pictures), inverted: tensorOf<tf.Tensor2D>(inverted), draw };
  const objective = searleObjective(clip, images, 3, options);
  await compareStep(objective, told({}), clip, step, 0.01);
});

eachBackend("invertBatch: ten steps equal PyTorch's, step by step", async () => {
  const { pictures, templates, normal, chosen, phrases, losses, averages } = golden.inversion;
  const clip = goldenClip(), features = tensorOf<tf.Tensor2D>(pictures), B = features.shape[0];
  for (const steps of [1, 4, 10]) {
    let drawn = 0;
    const draw = drawer((image) => {
      const phrase = phrases[Math.floor(drawn++ / B)][image];
      return { phrase: textOf(phrase), masked: textOf(phrase.map((id, i) => i === 2 ? 3 : id)) };
    });
    const rng = told({ normals: [...normal.values], ints: chosen.flat() });
    const options = { ...paperInversion, steps, templates: templates.map(textOf) };
    const found = await invertBatch(clip, { features, first: 0, draw }, options, rng);
    await assertNear(`after ${steps} steps`, found.tokens, averages[steps - 1], tolerance);
    await assertNear(
      "losses",
      tf.tensor1d(found.losses),
      { shape: [steps], values: losses.slice(0, steps) },
      tolerance,
    );
  }
});
