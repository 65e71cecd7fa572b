import { assertEquals } from "@std/assert";
import { openSafetensors } from "../../lib/io/safetensors.ts";
import { embeddedPhiRecipes, paperPhiRecipes } from "../../lib/projection/phi_recipes.ts";
import { inversionConcepts, searleTemplates } from "../../lib/projection/searle/textual_inversion.ts";

Deno.test("paperPhiRecipes: SEARLE's and Pic2Word's choices are those of their released programs", () => {
  const { SEARLE, Pic2Word, LinCIR, inversion } = paperPhiRecipes(512, 100_000);
  // 390 whole batches of 256 an epoch, for 100 epochs.
  assertEquals([SEARLE.steps, SEARLE.batch, SEARLE.seed, SEARLE.concepts], [39_000, 256, 42, 150]);
  assertEquals([paperPhiRecipes(512, 200).SEARLE.steps, paperPhiRecipes(512, 256).SEARLE.steps], [100, 100]);
  assertEquals([inversion.batch, inversion.seed, inversion.templates, inversionConcepts], [
    32,
    42,
    searleTemplates,
    15,
  ]);
  assertEquals(Pic2Word.optimizer, {
    learningRate: 1e-4,
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-6,
    weightDecay: 0.1,
    decay: "matrices",
  });
  assertEquals([LinCIR.optimizer.beta2, LinCIR.optimizer.decay, LinCIR.seed], [0.999, undefined, 12345]);
});

Deno.test("searleTemplates: twenty-four different prompts with one [$], the bare one among them", () => {
  assertEquals(new Set(searleTemplates).size, 24);
  assertEquals(searleTemplates.every((template) => template.split("[$]").length === 2), true);
  assertEquals(searleTemplates.includes("[$]"), true);
});

Deno.test("embeddedPhiRecipes: the choices that made the committed phis stay as they are", () => {
  const { Pic2Word, SEARLE, inversion } = embeddedPhiRecipes;
  assertEquals(Pic2Word.optimizer, { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 });
  assertEquals([SEARLE.concepts, SEARLE.seed, SEARLE.steps, SEARLE.batch], [15, 20261, 700, 256]);
  assertEquals([inversion.batch, inversion.seed, inversion.steps, inversion.templates.length], [256, 20261, 100, 5]);
});

Deno.test("embeddedPhiRecipes: the committed phis and pseudo-tokens name the same recipes", () => {
  for (const folder of ["data/emoji-clip", "data/emoji-clip-small"]) {
    const provenance = (name: string) => {
      using file = openSafetensors(`${folder}/${name}.safetensors`);
      return JSON.parse(file.metadata.provenance);
    };
    for (const method of ["LinCIR", "SEARLE", "Pic2Word"] as const) {
      // Their files call the hidden width otherwise.
      const { loss, training: { middle, ...training } } = provenance(`phi-${method.toLowerCase()}`);
      assertEquals({ ...training, hiddenWidth: middle, ...loss }, { ...embeddedPhiRecipes[method] }, method);
    }
    const { initialDeviation: initialStandardDeviation, pictureWeight: imageWeight, ...recipe } =
      provenance("oti").recipe;
    assertEquals({ ...recipe, initialStandardDeviation, imageWeight }, { ...embeddedPhiRecipes.inversion });
  }
});
