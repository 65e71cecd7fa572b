import * as tf from "../../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { emojiBenchmark, emojiQueries } from "../../../lib/emoji/data/benchmark.ts";
import { embeddedModelFolder, invertedFile, loadEmbeddedModel } from "../../../lib/emoji/model/embedded_model.ts";
import { encodeEmojiImages, mainSetting, tokenRows } from "../../../lib/emoji/evaluation/part.ts";
import { evaluateEmoji } from "../../../lib/emoji/evaluation/scores.ts";
import { type EmojiSetup, seedsInterval } from "../../../lib/emoji/evaluation/rows.ts";
import { runExperiment } from "../../../lib/emoji/evaluation/experiment.ts";
import { naiveFineTuning, rtdFineTuning } from "../../../lib/emoji/evaluation/fine_tuning_methods.ts";
import { phiMethods } from "../../../lib/projection/fit_phi.ts";
import { loadPseudoTokens } from "../../../lib/projection/pseudo_token_file.ts";
import { readSafetensors } from "../../../lib/io/safetensors.ts";
import { embeddedPhiRecipes } from "../../../lib/projection/phi_recipes.ts";
import { inFolder } from "../../../lib/io/path.ts";
import { changeRecipe, embeddedRecipe } from "../../../lib/rtd/recipe.ts";
import { eachBackend } from "../../backends.ts";

eachBackend("runExperiment: RTD and naive fine-tuning on the small CLIP with every phi; a run is cached", async () => {
  const benchmark = await emojiBenchmark();
  const queries = emojiQueries(benchmark, "test", 5);
  const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 16 });
  const { clip, phi } = await loadEmbeddedModel({ size: "small" });
  const inverted = await loadPseudoTokens(clip, inFolder(embeddedModelFolder("small"), invertedFile));
  const pseudoTokens = tokenRows(inverted);
  const features = await encodeEmojiImages(clip, benchmark);
  const losses: Record<string, number[]> = {};
  let setup: EmojiSetup | undefined;
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
  for (const method of phiMethods) {
    setup = { ...await loadEmbeddedModel({ size: "small", method, clip }), benchmark, features, queries };
    for (const anchor of method === "Pic2Word" ? [true] : [true, false]) {
      const { run, inputs } = await naiveFineTuning(setup, { recipe, anchor, inverted });
      const fineTuned = await run({ checkpoint });
      losses[`${method} ${anchor}`] = fineTuned.losses;
      // The loss's choices decide a run: its checkpoint names them, its place in the cache holds their hash.
      const { batch } = embeddedPhiRecipes[method];
      const { metadata } = readSafetensors(await Deno.readFile(checkpoint), checkpoint);
      const { objective } = JSON.parse(metadata.record).configuration;
      assertEquals([objective.method, objective.anchor, objective.loss.batch], [method, anchor, batch]);
      assertEquals(inputs.naive, { method, anchor });
      disposeWeights(fineTuned.textWeights);
    }
  }
  await Deno.remove(folder, { recursive: true });
  // The first step starts from the frozen weights, so the anchor tells from the second on.
  for (const method of ["LinCIR", "SEARLE"]) {
    assertEquals(losses[`${method} true`][0], losses[`${method} false`][0]);
    assert(losses[`${method} true`][1] !== losses[`${method} false`][1]);
  }
  await assertRejects(
    () => naiveFineTuning(setup!, { recipe, anchor: false }),
    Error,
    "anchor is false, and its targets are images; set anchor to true",
  );
  const searle = { ...setup!, phi: { ...setup!.phi, method: "SEARLE" } };
  await assertRejects(
    () => naiveFineTuning(searle, { recipe, anchor: true }),
    Error,
    "there are no inverted pseudo-tokens",
  );
  const wrong = { ...inverted, names: inverted.names.map((name) => `other/${name}`) };
  await assertRejects(
    () => naiveFineTuning(setup!, { recipe, anchor: true, inverted: wrong }),
    Error,
    "the inverted pseudo-tokens lack the image noto/",
  );

  // Inverted pseudo-tokens take phi's place, for the images that were inverted.
  const evaluate = (setting = mainSetting) =>
    evaluateEmoji({
      encoder: { clip, phi, pseudoTokens },
      benchmark,
      features,
      queries,
      method: "pseudo-token + text",
      setting,
    });
  const scores = await evaluate();
  assert(scores.macro["R@10"] > 10, JSON.stringify(scores.macro));
  await assertRejects(
    () => evaluate({ ...mainSetting, references: "fluent" }),
    Error,
    'the image "fluent/',
  );

  const cache = await Deno.makeTempDir(), device = { backend: "test", name: "", gpu: false, reason: "" } as never;
  const others = [{ name: "SEARLE-OTI", hash: inverted.hash, pseudoTokens }];
  const run = async (steps = 2) => {
    const method = await rtdFineTuning(setup!, changeRecipe(recipe, { steps }));
    return await runExperiment(setup!, method, { device, cache, others });
  };
  const [made, again, longer] = [await run(), await run(), await run(1)];
  assertEquals([made.cached, again.cached, longer.cached], [false, true, false]);
  assertEquals(again.run, JSON.parse(JSON.stringify(made.run)));
  assertEquals([made.run.ranks.length, made.run.others["SEARLE-OTI"].ranks.length], [queries.length, queries.length]);
  const file = [...Deno.readDirSync(cache)].map(({ name }) => `${cache}/${name}`)
    .find((name) => JSON.parse(Deno.readTextFileSync(name)).inputs.recipe.steps === 2)!;
  const text = await Deno.readTextFile(file);
  for (const damaged of ["{}", text.slice(0, 99)]) {
    await Deno.writeTextFile(file, damaged);
    await assertRejects(() => run(), Error, "it is damaged, or no run; delete the file");
  }
  await Deno.writeTextFile(file, JSON.stringify({ ...JSON.parse(text), inputs: longer.run.inputs }));
  await assertRejects(() => run(), Error, "it is not the run that its name says");
  // Other training data are another run: the method's inputs, which name it in the cache, hold their hash.
  const fewer = { ...benchmark, edits: { ...benchmark.edits, train: benchmark.edits.train.slice(1) } };
  const data = async (setup: EmojiSetup) => (await rtdFineTuning(setup, recipe)).inputs.data;
  assertEquals(await data(setup!), made.run.inputs.data);
  assert(await data({ ...setup!, benchmark: fewer }) !== made.run.inputs.data);
  const { difference } = seedsInterval(queries, [made.run.ranks], [made.run.ranks, made.run.ranks], 1, 50);
  assertEquals(difference, 0);
  await Deno.remove(cache, { recursive: true });
  tf.dispose([inverted.tokens, features.rows]);
}, ["wasm", "webgpu"]);
