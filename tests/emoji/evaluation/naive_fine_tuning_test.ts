import * as tf from "../../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { emojiQueries } from "../../../lib/emoji/data/benchmark.ts";
import { embeddedModelFolder, invertedFile, loadEmbeddedModel } from "../../../lib/emoji/model/embedded_model.ts";
import { encodeEmojiImages, mainSetting, tokenRows } from "../../../lib/emoji/evaluation/part.ts";
import { evaluateEmoji } from "../../../lib/emoji/evaluation/scores.ts";
import { fineTuneEmojiNaively, naiveAnchors, naiveData } from "../../../lib/emoji/evaluation/naive_fine_tuning.ts";
import { phiMethods } from "../../../lib/projection/fit_phi.ts";
import { loadPseudoTokens } from "../../../lib/projection/pseudo_token_file.ts";
import { readSafetensors } from "../../../lib/io/safetensors.ts";
import { embeddedPhiRecipes } from "../../../lib/projection/phi_recipes.ts";
import { inFolder } from "../../../lib/io/path.ts";
import { changeRecipe, embeddedRecipe } from "../../../lib/rtd/recipe.ts";
import { eachBackend } from "../../backends.ts";
import { smallBenchmark } from "../small_benchmark.ts";

eachBackend(
  "fineTuneEmojiNaively: every phi's own loss, with and without anchor, named by its checkpoint",
  async () => {
    const benchmark = await smallBenchmark(10), recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 16 });
    const { clip, phi } = await loadEmbeddedModel({ size: "small" });
    const inverted = await loadPseudoTokens(clip, inFolder(embeddedModelFolder("small"), invertedFile));
    const pseudoTokens = tokenRows(inverted), features = await encodeEmojiImages(clip, benchmark);
    const losses: Record<string, number[]> = {};
    const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`;
    const setupOf = async (method: typeof phiMethods[number]) => ({
      ...await loadEmbeddedModel({ size: "small", method, clip }),
      ...{ benchmark, features },
    });
    for (const method of phiMethods) {
      const setup = await setupOf(method);
      for (const anchor of naiveAnchors(method)) {
        const tuned = await fineTuneEmojiNaively(setup, { recipe, anchor, inverted, checkpoint });
        losses[`${method} ${anchor}`] = tuned.losses;
        const { batch } = embeddedPhiRecipes[method];
        const { metadata } = readSafetensors(await Deno.readFile(checkpoint), checkpoint);
        const { objective } = JSON.parse(metadata.record).configuration;
        assertEquals([objective.method, objective.anchor, objective.loss.batch], [method, anchor, batch]);
        disposeWeights(tuned.textWeights);
      }
      disposeWeights(setup.phi.weights);
    }
    await Deno.remove(folder, { recursive: true });
    // The first step starts from the frozen weights, so the anchor tells from the second on.
    for (const method of ["LinCIR", "SEARLE"]) {
      assertEquals(losses[`${method} true`][0], losses[`${method} false`][0]);
      assert(losses[`${method} true`][1] !== losses[`${method} false`][1]);
    }
    const [pic2word, searle] = [await setupOf("Pic2Word"), await setupOf("SEARLE")];
    await assertRejects(
      () => fineTuneEmojiNaively(pic2word, { recipe, anchor: false }),
      Error,
      "anchor is false, and its targets are images; set anchor to true",
    );
    await assertRejects(
      () => fineTuneEmojiNaively(searle, { recipe, anchor: true }),
      Error,
      "there are no inverted pseudo-tokens",
    );
    const wrong = { ...inverted, names: inverted.names.map((name) => `other/${name}`) };
    await assertRejects(
      () => fineTuneEmojiNaively(searle, { recipe, anchor: true, inverted: wrong }),
      Error,
      "the inverted pseudo-tokens lack the image noto/",
    );
    await assertRejects(
      () => fineTuneEmojiNaively({ ...searle, phi: { ...searle.phi, method: "other" } }, { recipe, anchor: true }),
      Error,
      '"other" is none of LinCIR, SEARLE, Pic2Word',
    );

    // Inverted pseudo-tokens take phi's place, for the images that were inverted.
    const queries = emojiQueries(benchmark, "test", 5);
    const evaluate = (setting = mainSetting) =>
      evaluateEmoji({
        ...{ encoder: { clip, phi, pseudoTokens }, benchmark, features, queries },
        ...{ method: "pseudo-token + text", setting },
      });
    const scores = await evaluate();
    assert(scores.macro["R@10"] > 10, JSON.stringify(scores.macro));
    await assertRejects(() => evaluate({ ...mainSetting, references: "fluent" }), Error, 'the image "fluent/');
    tf.dispose([inverted.tokens, features.rows]);
  },
  ["wasm", "webgpu"],
);

Deno.test("naiveData: other emoji, another method, and for SEARLE other pseudo-tokens are other data", async () => {
  const benchmark = await smallBenchmark(10),
    first = benchmark.emoji.find(({ family }) => benchmark.parts.get(family) === "train");
  const fewer = { ...benchmark, emoji: benchmark.emoji.filter((one) => one !== first) };
  const data = (method: typeof phiMethods[number], of = benchmark, inverted = "a") => naiveData(of, method, inverted);
  assertEquals(await data("LinCIR"), await data("LinCIR", benchmark, "b"));
  assert(await data("SEARLE") !== await data("SEARLE", benchmark, "b"));
  assert(await data("LinCIR") !== await data("LinCIR", fewer));
  assert(await data("LinCIR") !== await data("Pic2Word"));
});
