import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { inFolder } from "../../lib/io/path.ts";
import { loadPhi } from "../../lib/projection/phi_file.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { fineTuneOn, needsImages, readNaiveData } from "../../lib/studies/clip_naive.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import * as tf from "../../lib/tensors/tf.ts";

await useDevice("auto");
const root = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const [captions, phrases, images] = ["captions.txt", "phrases.json", "images"].map((name) => `${root}/${name}`);
await Deno.writeTextFile(captions, "a red apple\na dog that runs\nthe moon at night\na green apple\na black dog");
await Deno.writeTextFile(phrases, JSON.stringify({ apple: ["an apple on a table", "a red apple"] }));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length;
await Deno.mkdir(images);
await Deno.writeTextFile(`${images}/one.png`, "");

Deno.test("readNaiveData: what a loss needs is asked for, and what it does not use is refused", async () => {
  const wrong = async (entry: Parameters<typeof readNaiveData>[0], text: string) =>
    void await assertRejects(() => readNaiveData(entry, "mine"), Error, `Reading naive of mine failed: ${text}`);
  await wrong({ loss: "LinCIR" }, 'LinCIR\'s loss needs "captions".');
  await wrong({ loss: "SEARLE", images }, 'SEARLE\'s loss needs "phrases".');
  await wrong({ loss: "SEARLE", phrases }, 'SEARLE\'s loss needs "images" or "captions".');
  await wrong(
    { loss: "SEARLE", phrases, images, captions },
    'SEARLE\'s loss needs "images" or "captions", and both are named',
  );
  await wrong({ loss: "Pic2Word", images, phrases }, 'Pic2Word\'s loss does not use "phrases"; leave it out.');
  await wrong({ loss: "SEARLE", phrases, images }, `${images} holds 1 image; give at least 2.`);
  const hash = async (batch?: number) =>
    (await readNaiveData({ loss: "SEARLE", phrases, captions, batch }, "mine")).hash;
  assertEquals([await hash() === await hash(256), await hash() === await hash(4)], [true, false]);
  assertEquals(needsImages(await readNaiveData({ loss: "SEARLE", phrases, captions }, "mine")), false);
});

Deno.test("fineTuneOn: SEARLE's loss on captions, anchored and not, falls, and frees every tensor", async () => {
  const clip = await loadClip(embeddedModelFolder("small"), { towers: "text" });
  const phi = await loadPhi(clip, inFolder(embeddedModelFolder("small"), phiFile("SEARLE")));
  const data = await readNaiveData({ loss: "SEARLE", phrases, captions, batch: 4 }, "SEARLE");
  const before = tf.memory().numTensors, recipe = changeRecipe(embeddedRecipe, { steps: 20 });
  const tune = async (anchor: boolean) => {
    const { losses, textWeights } = await fineTuneOn(data, { clip, phi, cache: `${root}/features`, anchor, recipe });
    disposeWeights(textWeights);
    return losses;
  };
  const anchored = await tune(true), free = await tune(false);
  assertEquals(tf.memory().numTensors, before);
  // The first step's targets are the frozen encoder's either way, by two implementations of it in 32 bits.
  assert(Math.abs(anchored[0] - free[0]) < 1e-6, `${anchored[0]} and ${free[0]}`);
  for (const losses of [anchored, free]) assert(mean(losses.slice(-6)) < mean(losses.slice(0, 6)), `${losses}`);
  assertEquals(await tune(true), anchored);
  [clip, phi].forEach(({ weights }) => disposeWeights(weights));
});
