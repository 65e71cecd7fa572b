import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import {
  trainValidated,
  type ValidatedTrainingOptions,
  type Validation,
  type ValidationPlan,
} from "../../lib/evaluation/validated_training.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { openSafetensors } from "../../lib/io/safetensors.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { inspectCheckpoint, loadCheckpoint, saveCheckpoint } from "../../lib/training/checkpoint.ts";
import type { EpochState } from "../../lib/training/epoch_sampler.ts";
import { madeModel, madeTriplets } from "../rtd/made_model.ts";

await useDevice("wasm");
const model = madeModel({ width: 8, layers: 1, heads: 1, vocabulary: 50 });
const triplets = madeTriplets(12, 4), recipe = changeRecipe(embeddedRecipe, { steps: 7, batch: 4 });

/** A run with a validation every second step, whose figure a list says, the frozen encoder's first. */
function runIn(root: string, figures: (number | Error)[], options: Partial<ValidatedTrainingOptions<EpochState>> = {}) {
  const validated: Weights[] = [];
  const plan: ValidationPlan = {
    validate(weights) {
      validated.push(weights);
      const figure = figures.shift()!;
      return figure instanceof Error ? Promise.reject(figure) : Promise.resolve({ "R@1": figure, "R@5": 100 });
    },
    ...{ every: 2, bestBy: "R@1", folder: `${root}/best` },
    card: { data: "made", device: "wasm", nameOf: (metric) => metric },
  };
  const checkpoint = `${root}/checkpoint.safetensors`;
  const run = () => trainValidated<EpochState>({ ...model, triplets, recipe, checkpoint, plan, ...options });
  return { run, validated };
}

function stepIn(folder: string): string | undefined {
  using opened = openSafetensors(`${folder}/model.safetensors`);
  return opened.metadata.step;
}

const figuresOf = (validations: readonly Validation[]) =>
  validations.map(({ step, metrics }) => [step, metrics["R@1"]]);
const valuesOf = async (weights: Weights) =>
  await Promise.all(Object.entries(weights).map(async ([name, tensor]) => [name, [...await tensor.data()]]));

Deno.test("trainValidated: before step 1, every so many steps and at the last; the first of the highest is kept", async () => {
  const root = await Deno.makeTempDir(), { run, validated } = runIn(root, [90, 20, 30, 30, 10]);
  const { textWeights, validations, best } = await run();
  assertEquals(figuresOf(validations), [[0, 90], [2, 20], [4, 30], [6, 30], [7, 10]]);
  assertEquals(validated[0], model.clip.weights);
  assertEquals([best?.step, stepIn(`${root}/best`)], [4, "4"]);
  assertEquals([...Deno.readDirSync(root)].map(({ name }) => name).sort(), ["best", "checkpoint.safetensors"]);
  disposeWeights(textWeights);
  await Deno.remove(root, { recursive: true });
});

Deno.test("trainValidated: stopped in a validation it goes on from the step before, and ends as if it had not been", async () => {
  const whole = await Deno.makeTempDir(), straight = await runIn(whole, [5, 20, 30, 25, 10]).run();
  const root = await Deno.makeTempDir(), checkpoint = `${root}/checkpoint.safetensors`;
  await assertRejects(runIn(root, [5, 20, 30, new Error("stopped")]).run, Error, "stopped");
  assertEquals([inspectCheckpoint(checkpoint).step, stepIn(`${root}/best`)], [5, "4"]);
  const { run, validated } = runIn(root, [25, 10], { resume: true }), resumed = await run();
  assertEquals(validated.length, 2, "a validation was repeated");
  assertEquals(figuresOf(resumed.validations), figuresOf(straight.validations));
  assertEquals([resumed.best?.step, stepIn(`${root}/best`)], [4, "4"]);
  assertEquals(resumed.losses, straight.losses);
  assertEquals(await valuesOf(resumed.textWeights), await valuesOf(straight.textWeights));
  [straight, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  for (const folder of [whole, root]) await Deno.remove(folder, { recursive: true });
});

Deno.test("trainValidated: an older best stays until the frozen encoder is validated, and while another uses it", async () => {
  const root = await Deno.makeTempDir(), first = await runIn(root, [5, 20, 30, 25, 10]).run();
  await assertRejects(runIn(root, [new Error("no images")]).run, Error, "no images");
  assertEquals(stepIn(`${root}/best`), "4");
  const held = await lockFile(`${root}/best`, "The test");
  await assertRejects(runIn(root, [5]).run, Error, `another process is at work on ${root}/best`);
  held.release();
  assertEquals(stepIn(`${root}/best`), "4");
  const second = await runIn(root, [5, 1, 1, 1, 2]).run();
  assertEquals(stepIn(`${root}/best`), "7");
  [first, second].forEach(({ textWeights }) => disposeWeights(textWeights));
  await Deno.remove(root, { recursive: true });
});

Deno.test("trainValidated: a figure that a validation lacks is refused by name, before step 1 and on resume", async () => {
  const root = await Deno.makeTempDir(), checkpoint = `${root}/checkpoint.safetensors`;
  const plan = (bestBy: string): ValidationPlan => ({
    validate: () => Promise.resolve({ "R@1": 1, "R@5": 2 }),
    ...{ every: 2, bestBy, folder: `${root}/best` },
    card: { data: "made", device: "wasm", nameOf: (metric) => metric },
  });
  const sentence =
    'Choosing the best encoder failed: the validation of step 0 has no figure "R@7"; there are R@1, R@5.';
  await assertRejects(() => runIn(root, [], { plan: plan("R@7") }).run(), Error, sentence);
  assert(!await Deno.stat(checkpoint).then(() => true, () => false));

  const { textWeights } = await runIn(root, [], { plan: plan("R@1") }).run();
  const resume = { plan: plan("R@7"), resume: true };
  await assertRejects(() => runIn(root, [], resume).run(), Error, sentence);
  const { configuration } = inspectCheckpoint(checkpoint), whole = await loadCheckpoint(checkpoint, configuration);
  await saveCheckpoint(checkpoint, { ...whole, progress: { ...whole.progress, records: ["by another"] } });
  await assertRejects(
    () => runIn(root, [], resume).run(),
    Error,
    "the checkpoint holds records that are no validations",
  );
  assertEquals(stepIn(`${root}/best`), "2");
  disposeWeights(textWeights);
  await Deno.remove(root, { recursive: true });
});

Deno.test("trainValidated: weights that are not finite are told at the step, not validated", async () => {
  const root = await Deno.makeTempDir();
  const wild = changeRecipe(recipe, { optimizer: { ...recipe.optimizer, learningRate: 1e30 } });
  const { run, validated } = runIn(root, [5], { recipe: wild });
  await assertRejects(run, Error, "the loss is NaN; lower the learning rate");
  assertEquals(validated.length, 1);
  await Deno.remove(root, { recursive: true });
});

Deno.test("trainValidated: a disk that is full at a better encoder leaves the one before, and nothing half-written", async () => {
  const whole = await Deno.makeTempDir(), straight = await runIn(whole, [5, 20, 30, 25, 10]).run();
  const root = await Deno.makeTempDir(), write = Deno.FsFile.prototype.write;
  const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  // The disk takes a thousand bytes of the encoder of step 4.
  const figures: (number | Error)[] = [5, 20, 30];
  let room = 1000;
  Deno.FsFile.prototype.write = async function (bytes) {
    if (figures.length > 0) return await write.call(this, bytes);
    if (room === 0) throw new Error("No space left on device (os error 28)");
    const count = await write.call(this, bytes.subarray(0, room));
    room -= count;
    return count;
  };
  try {
    const sentence =
      /^Writing .*\/best\.next\/model\.safetensors \(\d+ bytes\) failed: No space left on device \(os error 28\); what was there before is untouched\.$/;
    const error = await assertRejects(runIn(root, figures).run, Error);
    assert(sentence.test(error.message), error.message);
  } finally {
    Deno.FsFile.prototype.write = write;
  }
  assertEquals(room, 0);
  assertEquals(names(root), ["best", "checkpoint.safetensors"]);
  assertEquals([inspectCheckpoint(`${root}/checkpoint.safetensors`).step, stepIn(`${root}/best`)], [3, "2"]);
  assertEquals(names(`${root}/best`), names(`${whole}/best`));
  const resumed = await runIn(root, [30, 25, 10], { resume: true }).run();
  assertEquals(figuresOf(resumed.validations), figuresOf(straight.validations));
  assertEquals([resumed.best?.step, stepIn(`${root}/best`)], [4, "4"]);
  assertEquals(await valuesOf(resumed.textWeights), await valuesOf(straight.textWeights));
  [straight, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  for (const folder of [whole, root]) await Deno.remove(folder, { recursive: true });
});

Deno.test("trainValidated: a loss that becomes NaN half-way leaves the best encoder and the checkpoint of before", async () => {
  const root = await Deno.makeTempDir(), checkpoint = `${root}/checkpoint.safetensors`;
  // With a rate of 1 this training stays finite; with this one its fifth step does not.
  const wild = changeRecipe(recipe, { optimizer: { ...recipe.optimizer, learningRate: 1e5 } });
  const { run, validated } = runIn(root, [5, 20, 30], { recipe: wild });
  const error = await assertRejects(run, Error);
  assertEquals(error.message, "Training RTD failed at step 5: the loss is NaN; lower the learning rate.");
  assertEquals(validated.length, 3);
  assertEquals([...Deno.readDirSync(root)].map(({ name }) => name).sort(), ["best", "checkpoint.safetensors"]);
  assertEquals([inspectCheckpoint(checkpoint).step, stepIn(`${root}/best`)], [4, "4"]);
  // The checkpoint is whole: it leads to the same sentence.
  await assertRejects(runIn(root, [], { recipe: wild, resume: true }).run, Error, "failed at step 5: the loss is NaN");
  assertEquals(stepIn(`${root}/best`), "4");
  await Deno.remove(root, { recursive: true });
});
