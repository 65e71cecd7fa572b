import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { invertImages } from "../../lib/projection/searle/invert_images.ts";
import { invertBatch, paperInversion } from "../../lib/projection/searle/textual_inversion.ts";
import { lincirObjective, trainLincir } from "../../lib/projection/lincir/lincir.ts";
import type { Objective } from "../../lib/projection/objective.ts";
import { embeddedPhiRecipes } from "../../lib/projection/phi_recipes.ts";
import { drawAmong, type DrawPhrase, type PhrasePair } from "../../lib/projection/searle/phrases.ts";
import { pic2wordObjective, trainPic2word } from "../../lib/projection/pic2word/pic2word.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { selfRetrieval } from "../../lib/projection/self_retrieval.ts";
import { searleObjective, trainSearle } from "../../lib/projection/searle/searle.ts";
import type { TrainedPhi } from "../../lib/projection/fit_phi.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import { batchEncoder } from "../../lib/clip/batch_encoder.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { listSampler } from "../../lib/training/epoch_sampler.ts";
import type { RunControl } from "../../lib/training/fit.ts";
import { writeSafetensors } from "../../lib/io/safetensors.ts";
import { valueAndGradients } from "../../lib/tensors/gradients.ts";
import { type Random, random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { assertNear, type Golden, readGolden, relativeError, tensorOf } from "../golden.ts";
import { goldenClip, ofWidth, textOf } from "./golden_clip.ts";

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

/** Names a function that draws phrases by a hash, as `phraseDrawer` does. */
function drawer(draw: (image: number, rng: Random) => PhrasePair, hash = "made"): DrawPhrase {
  return Object.assign((image: number, rng: Random) => draw(image, rng), { data: () => Promise.resolve(hash) });
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

const captions = Array.from({ length: 9 }, (_, i) => ({ caption: `37 ${5 + i} 8 39`, masked: `37 3 8 39` }));
const draw = drawer((image, rng) => {
  const other = 5 + rng.int(9);
  return { phrase: `37 ${5 + image} ${other} 39`, masked: `37 3 ${other} 39` };
});

/** Each method's training on seven made images or nine captions. */
const trainings: Record<string, (steps: number, control: RunControl) => Promise<TrainedPhi>> = {
  LinCIR: (steps, control) => {
    const recipe = { ...embeddedPhiRecipes.LinCIR, steps, batch: 4, hiddenWidth: 6 };
    return trainLincir(goldenClip(), listSampler(captions), recipe, "made captions", control);
  },
  Pic2Word: (steps, control) => {
    const recipe = { ...embeddedPhiRecipes.Pic2Word, steps, batch: 4, hiddenWidth: 6 };
    return trainPic2word(goldenClip(), made(14, 7), recipe, "made images", control);
  },
  SEARLE: (steps, control) => {
    const recipe = { ...embeddedPhiRecipes.SEARLE, steps, batch: 4, hiddenWidth: 6 };
    return trainSearle(
      goldenClip(),
      { features: made(14, 7), inverted: made(16, 7), draw },
      recipe,
      "made images",
      control,
    );
  },
};

function made(width: number, rows: number): tf.Tensor2D {
  const rng = random(5);
  return tf.tensor2d(Float32Array.from({ length: rows * width }, () => rng.normal()), [rows, width]);
}

async function valuesOf(weights: Weights): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(weights)) values[name] = await tensor.data() as Float32Array;
  return values;
}

for (const [method, train] of Object.entries(trainings)) {
  eachBackend(
    `train${method}: killed after 2 steps and resumed, 6 are the same bit for bit, and no tensor is left behind`,
    async () => {
      const folder = await Deno.makeTempDir(), checkpoint = `${folder}/phi.checkpoint`;
      const straight = await train(6, {});
      // What a process leaves that is killed after its second step: the checkpoint of that step.
      await assertRejects(
        () =>
          train(6, {
            checkpoint,
            saveEvery: 0,
            onStep({ step }) {
              if (step === 3) throw new Error("killed");
            },
          }),
        Error,
        "killed",
      );
      const counts: number[] = [];
      const resumed = await train(6, {
        checkpoint,
        resume: true,
        onStep({ step }) {
          assert(step > 2);
          counts.push(tf.memory().numTensors);
        },
      });
      assertEquals(counts.length, 4);
      assertEquals(new Set(counts.slice(1)).size, 1, counts.join());
      assertEquals(resumed.losses, straight.losses);
      assertEquals(await valuesOf(resumed.phi.weights), await valuesOf(straight.phi.weights));
      assertEquals(resumed.phi.provenance, straight.phi.provenance);
      await assertRejects(
        () => train(7, { checkpoint, resume: true }),
        Error,
        "was made with steps = 6, requested is 7",
      );
      [straight, resumed].forEach(({ phi }) => disposeWeights(phi.weights));
      await Deno.remove(folder, { recursive: true });
    },
  );
}

eachBackend(
  "fitPhi: a checkpoint of version 0.1, whose recipe has other names, is refused by the first of them",
  async () => {
    const folder = await Deno.makeTempDir(), checkpoint = `${folder}/phi.checkpoint`;
    const { phi } = await trainings.LinCIR(1, {});
    const arrays = Object.fromEntries(
      ["parameters", "first", "second"].flatMap((group) =>
        Object.entries(phi.weights).map(([name, { shape, size }]) => [
          `${group}/${name}`,
          { shape, values: new Float32Array(size) },
        ])
      ),
    );
    const { learningRate, beta1, beta2, epsilon, weightDecay } = embeddedPhiRecipes.LinCIR.optimizer;
    const record = {
      configuration: {
        method: "LinCIR",
        loss: { batch: 4, noise: 1 },
        data: "made captions",
        seed: 20261,
        middle: 6,
        dropout: 0.1,
        input: "unit variance",
        optimizer: { learningRate, beta1, beta2, epsilon, weightDecay },
        schedule: { warmup: 0, shape: "cosine" },
        clip: "golden",
        steps: 6,
      },
      progress: { source: { random: [1, 2, 3, 4], objective: 0 }, losses: [1] },
    };
    const metadata = { record: JSON.stringify(record), step: "1", names: JSON.stringify(Object.keys(phi.weights)) };
    await Deno.writeFile(checkpoint, writeSafetensors(arrays, metadata));
    const error = await assertRejects(() => trainings.LinCIR(6, { checkpoint, resume: true }), Error);
    assertEquals(
      error.message,
      `Resuming failed: ${checkpoint} was made with middle = 6, requested is undefined; start anew without --resume, or ` +
        "request what it was made with.",
    );
    disposeWeights(phi.weights);
    await Deno.remove(folder, { recursive: true });
  },
  ["tensorflow", "webgpu"],
);

eachBackend("invertImages: keeps finished batches, whatever stops it, and inverts no batch twice", async () => {
  const clip = goldenClip(), cache = await Deno.makeTempDir();
  const task = { names: ["a", "b", "c", "d", "e"], features: made(14, 5), draw, phrases: "made" };
  const options = { ...paperInversion, steps: 3, batch: 2, templates: ["37 5 3 39", "37 6 3 39"] };
  const straight = await invertImages(clip, task, options);
  let steps = 0;
  const before = tf.memory().numTensors;
  await assertRejects(
    () =>
      invertImages(clip, {
        ...task,
        cache,
        onStep() {
          if (++steps === 5) throw new Error("killed");
        },
      }, options),
    Error,
    "killed",
  );
  assertEquals(tf.memory().numTensors, before);
  steps = 0;
  const resumed = await invertImages(clip, { ...task, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 1 + 3 + 3); // one report of the finished batch, three steps of each other
  assertEquals(await resumed.tokens.data(), await straight.tokens.data());
  // Another seed is another run: nothing of it is there.
  steps = 0;
  await invertImages(clip, { ...task, cache, onStep: () => void steps++ }, { ...options, seed: 1 });
  assertEquals(steps, 9);
  // So are other images under the same names.
  steps = 0;
  const moved = { ...task, features: tf.mul(task.features, -1) as tf.Tensor2D };
  await invertImages(clip, { ...moved, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 9);
  // So are other phrases, whatever their description says.
  steps = 0;
  const others = { ...task, draw: drawer(draw, "others") };
  await invertImages(clip, { ...others, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 9);

  const file = `${cache}/pseudo-tokens.safetensors`;
  await savePseudoTokens(file, resumed, "F32");
  const again = await loadPseudoTokens(clip, file);
  assertEquals([again.names, again.provenance], [task.names, resumed.provenance]);
  assertEquals(await again.tokens.data(), await resumed.tokens.data());
  await assertRejects(
    () => loadPseudoTokens(ofWidth(9), file),
    Error,
    "its pseudo-tokens are [5,16], needed is [5, 9]",
  );
  await Deno.remove(cache, { recursive: true });
}, ["webgpu"]);

eachBackend("objectives: too little to train on is one sentence", async () => {
  const clip = goldenClip();
  assertThrows(() => pic2wordObjective(clip, made(14, 1), 0, { batch: 4, input: "raw" }), Error, "there is 1 image");
  const options = { batch: 4, input: "raw", temperature: 0.25, phraseWeight: 0.75, anchor: true } as const;
  assertThrows(
    () => searleObjective(clip, { features: made(14, 3), inverted: made(16, 2), draw }, 0, options),
    Error,
    "there are 3 images and 2 inverted tokens",
  );
  await assertRejects(
    () => invertImages(clip, { names: [], features: tf.zeros([0, 14]), phrases: "" }, paperInversion),
    Error,
    "Inverting images failed: there are none",
  );
}, ["tensorflow", "webgpu"]);

eachBackend("trainPhi: a checkpoint of other features is refused, and no tensor is left behind", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/phi.checkpoint`, clip = goldenClip();
  const recipe = { ...embeddedPhiRecipes.Pic2Word, steps: 2, batch: 4, hiddenWidth: 6 };
  disposeWeights((await trainPic2word(clip, made(14, 7), recipe, "images", { checkpoint })).phi.weights);
  const features = made(14, 8), before = tf.memory().numTensors;
  await assertRejects(
    () => trainPic2word(clip, features, recipe, "images", { checkpoint, resume: true }),
    Error,
    "was made with items =",
  );
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
}, ["tensorflow", "webgpu"]);

eachBackend("invertBatch and invertImages: an error frees their tensors; names and features must agree", async () => {
  const clip = goldenClip(), features = made(14, 3), before = tf.memory().numTensors;
  const options = { ...paperInversion, steps: 2, batch: 9, templates: ["37 5 3 39"] };
  const onStep = () => {
    throw new Error("stopped");
  };
  await assertRejects(
    () => invertBatch(clip, { features, first: 0 }, options, random(1), { onStep }),
    Error,
    "stopped",
  );
  assertEquals(tf.memory().numTensors, before);
  for (const names of [["a"], ["a", "b", "c", "d"]]) {
    await assertRejects(
      () => invertImages(clip, { names, features, phrases: "" }, options),
      Error,
      `there are ${names.length} names and features is [3,14]`,
    );
  }
  const cache = await Deno.makeTempFile(), names = ["a", "b", "c"];
  await assertRejects(
    () => invertImages(clip, { names, features, phrases: "", cache }, options),
    Error,
    `Writing into the folder ${cache} failed: it is a file`,
  );
  await Deno.remove(cache);
  // A file takes the place of the cache while the batch is inverted: its tokens cannot be written.
  const folder = await Deno.makeTempDir();
  const goes = {
    names,
    features,
    phrases: "",
    cache: `${folder}/cache`,
    onStep: async (done: number) => {
      if (done === 2) await Deno.writeTextFile(`${folder}/cache`, "");
    },
  };
  await assertRejects(() => invertImages(clip, goes, options), Error, "failed");
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
}, ["tensorflow", "webgpu"]);

eachBackend("invertImages: batches that another backend inverted are not read", async (backend) => {
  const cache = await Deno.makeTempDir(), options = { ...paperInversion, steps: 2, templates: ["37 5 3 39"] };
  const invert = async () => {
    let steps = 0;
    const task = { names: ["a", "b"], features: made(14, 2), phrases: "", cache, onStep: () => void steps++ };
    (await invertImages(goldenClip(), task, options)).tokens.dispose();
    return steps;
  };
  try {
    assertEquals([await invert(), await invert()], [2, 1]);
    await tf.setBackend("cpu");
    assertEquals([await invert(), await invert()], [2, 1]);
  } finally {
    await tf.setBackend(backend);
    await Deno.remove(cache, { recursive: true });
  }
}, ["tensorflow", "webgpu"]);

eachBackend("drawAmong: draws for the images that it was given, and keeps the hash of their phrases", async () => {
  const some = drawAmong(draw, [6, 2]);
  assertEquals([some(0, random(3)), some(1, random(3))], [draw(6, random(3)), draw(2, random(3))]);
  assertEquals(await some.data(), "made");
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/phi.checkpoint`;
  const recipe = { ...embeddedPhiRecipes.SEARLE, steps: 2, batch: 4, hiddenWidth: 6 };
  const train = async (draw: DrawPhrase, control: RunControl) => {
    const images = { features: made(14, 7), inverted: made(16, 7), draw: drawAmong(draw, [0, 1, 2, 3, 4, 5, 6]) };
    disposeWeights((await trainSearle(goldenClip(), images, recipe, "made images", control)).phi.weights);
  };
  await train(draw, { checkpoint });
  await train(draw, { checkpoint, resume: true });
  await assertRejects(
    () => train(drawer(draw, "others"), { checkpoint, resume: true }),
    Error,
    "was made with items =",
  );
  await Deno.remove(folder, { recursive: true });
}, ["tensorflow", "webgpu"]);

eachBackend("selfRetrieval: an error frees the pseudo-tokens", async () => {
  const clip = goldenClip(), weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token: 16 }, random(1));
  const features = made(14, 3), before = tf.memory().numTensors;
  const onProgress = () => {
    throw new Error("stopped");
  };
  await assertRejects(
    () => selfRetrieval(clip, { weights, input: "raw" }, features, { onProgress }),
    Error,
    "stopped",
  );
  assertEquals(tf.memory().numTensors, before);
}, ["tensorflow", "webgpu"]);
