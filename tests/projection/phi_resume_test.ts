import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { trainLincir } from "../../lib/projection/lincir/lincir.ts";
import { embeddedPhiRecipes } from "../../lib/projection/phi_recipes.ts";
import { drawAmong, type DrawPhrase } from "../../lib/projection/searle/phrases.ts";
import { trainPic2word } from "../../lib/projection/pic2word/pic2word.ts";
import { trainSearle } from "../../lib/projection/searle/searle.ts";
import type { TrainedPhi } from "../../lib/projection/fit_phi.ts";
import { listSampler } from "../../lib/training/epoch_sampler.ts";
import type { RunControl } from "../../lib/training/fit.ts";
import { writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { goldenClip } from "./golden_clip.ts";
import { draw, drawer, made } from "./made_images.ts";

const captions = Array.from({ length: 9 }, (_, i) => ({ caption: `37 ${5 + i} 8 39`, masked: `37 3 8 39` }));

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
