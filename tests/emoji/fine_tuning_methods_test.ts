import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { emojiBenchmark, emojiQueries } from "../../lib/emoji/data/benchmark.ts";
import { embeddedModelFolder, invertedFile, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { encodeEmojiImages, evaluateEmoji, mainSetting } from "../../lib/emoji/evaluation/retrieval.ts";
import { type EmojiSetup, seedsInterval } from "../../lib/emoji/evaluation/rows.ts";
import { runExperiment } from "../../lib/emoji/evaluation/experiment.ts";
import { naiveFineTuning, rtdFineTuning } from "../../lib/emoji/evaluation/fine_tuning_methods.ts";
import { phiMethods } from "../../lib/projection/fit_phi.ts";
import { loadPseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { eachBackend } from "../backends.ts";

eachBackend("RTD and naive tuning run on the small CLIP with every phi, and an run is cached", async () => {
  const benchmark = await emojiBenchmark();
  const queries = emojiQueries(benchmark, "test", 5);
  const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 16 });
  const inverted = await loadPseudoTokens(new URL(invertedFile, embeddedModelFolder("small")), 96);
  const first = await loadEmbeddedModel({ size: "small" });
  const features = await encodeEmojiImages(first, benchmark);
  const losses: Record<string, number[]> = {};
  let setup: EmojiSetup | undefined;
  for (const method of phiMethods) {
    const model = await loadEmbeddedModel({ size: "small", method });
    setup = { model, benchmark, features, queries };
    for (const anchor of method === "Pic2Word" ? [true] : [true, false]) {
      const tuned = await naiveFineTuning(setup, recipe, anchor, inverted).tune({});
      losses[`${method} ${anchor}`] = tuned.losses;
      disposeWeights(tuned.textWeights);
    }
  }
  // The first step starts from the frozen weights, so the anchor tells from the second on.
  for (const method of ["LinCIR", "SEARLE"]) {
    assertEquals(losses[`${method} true`][0], losses[`${method} false`][0]);
    assert(losses[`${method} true`][1] !== losses[`${method} false`][1]);
  }
  assertThrows(() => naiveFineTuning(setup!, recipe, false), Error, "its targets are images, so anchor cannot be false");
  const wrong = { ...inverted, names: [...inverted.names].reverse() };
  assertThrows(() => naiveFineTuning(setup!, recipe, true, wrong), Error, "of other images than the gallery");

  // Inverted words take phi's place, for the images that were inverted.
  const asker = { ...first, inverted };
  const scores = await evaluateEmoji(asker, {}, benchmark, features, queries, "phi + text");
  assert(scores.macro["R@10"] > 10, JSON.stringify(scores.macro));
  const fluent = { ...mainSetting, references: "fluent" as const };
  await assertRejects(
    () => evaluateEmoji(asker, {}, benchmark, features, queries, "phi + text", fluent),
    Error,
    "there is none for the image fluent/",
  );

  const memory = await Deno.makeTempDir(), device = { backend: "test", name: "", gpu: false, reason: "" } as never;
  const others = [{ name: "SEARLE-OTI", hash: inverted.hash, phi: first.phi, inverted }];
  const run = () => runExperiment(setup!, rtdFineTuning(setup!, recipe), device, memory, { others });
  const [made, again] = [await run(), await run()];
  assertEquals([made.cached, again.cached], [false, true]);
  assertEquals(again.outcome, JSON.parse(JSON.stringify(made.outcome)));
  assertEquals([made.outcome.ranks.length, made.outcome.others["SEARLE-OTI"].ranks.length], [
    queries.length,
    queries.length,
  ]);
  const { difference } = seedsInterval(queries, [made.outcome.ranks], [made.outcome.ranks, made.outcome.ranks], 1, 50);
  assertEquals(difference, 0);
  await Deno.remove(memory, { recursive: true });
  tf.dispose([inverted.words, features.noto, features.fluent]);
}, ["wasm", "webgpu"]);
