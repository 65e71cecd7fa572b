import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { isFolder } from "../../lib/io/read_file.ts";
import { keepBest, writeCandidate } from "../../lib/rtd/best_encoder.ts";
import { embeddedRecipe } from "../../lib/rtd/recipe.ts";

Deno.test("keepBest: the encoder of the step that the checkpoint names, whenever the process was killed", async () => {
  await useDevice("wasm");
  const { clip, phi } = await loadEmbeddedModel({ size: "small" });
  const folder = `${await Deno.makeTempDir()}/best`, next = `${folder}.next`;
  const facts = { clip, phi, recipe: embeddedRecipe, data: "none", device: "wasm", metrics: {} };
  const write = (step: number) => writeCandidate(folder, { ...facts, textWeights: clip.weights, step });
  const stepIn = async (name: string) => (await Deno.readTextFile(`${name}/README.md`)).match(/steps: (\d+) of/)?.[1];
  const found = async () => [isFolder(folder) && await stepIn(folder), isFolder(next) && await stepIn(next)];

  await write(50);
  assertEquals(await found(), [false, "50"]);
  // Killed before the checkpoint that names it: it is as if it had not been.
  await keepBest(folder, undefined);
  assertEquals(await found(), [false, false]);
  await write(50);
  await keepBest(folder, 50);
  assertEquals(await found(), ["50", false]);
  await write(100);
  await keepBest(folder, 50);
  assertEquals(await found(), ["50", false]);
  // Killed while the old one was being removed, after the checkpoint.
  await write(100);
  await Deno.remove(`${folder}/model.safetensors`);
  await keepBest(folder, 100);
  assertEquals(await found(), ["100", false]);

  // The disk refuses, or the weights are not whole: the best one stays as it is.
  const { "text_projection.weight": _, ...incomplete } = clip.weights;
  await assertRejects(() => writeCandidate(folder, { ...facts, textWeights: incomplete, step: 150 }), Error);
  assertEquals(await found(), ["100", false]);
  await assertRejects(
    () => keepBest(folder, 150),
    Error,
    `the checkpoint's best is of step 150, and ${folder} is of step 100; start anew in another folder.`,
  );
  assert(isFolder(folder));
});
