import { pathToFileURL } from "node:url";
import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";
import { imageFilesIn } from "../../lib/clip/images/image_files.ts";
import { textShapes } from "../../lib/clip/model/shapes.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { inspectTextEncoder, loadTextEncoder, saveTextEncoder } from "../../lib/clip/files/text_folder.ts";
import { embeddedModelFolder, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { saveFineTuned } from "../../lib/rtd/save_fine_tuned.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { isFolder } from "../../lib/io/read_file.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { filePath, inFolder } from "../../lib/io/path.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { answers } from "../../scripts/python.ts";

const python = filePath(new URL("../../.venv/reference/bin/python", import.meta.url));
const hasReference = await answers(python, ["-c", "import torch, transformers"]) !== undefined;
const why = hasReference
  ? ""
  : ' (skipped: no .venv/reference with torch and transformers; "deno task reference" makes it)';

/** A text encoder fine-tuned for two steps, saved. */
async function fineTunedFolder() {
  await useDevice("wasm");
  const model = await loadEmbeddedModel();
  const triplets = ["red", "blue", "green"].map((word) => ({
    reference: `${word} heart`,
    conditioning: "is black",
    target: "black heart",
  }));
  const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 3 });
  const { textWeights } = await trainRtd({ ...model, triplets, recipe });
  const folder = await Deno.makeTempDir();
  const facts = { recipe, data: "three triplets", device: "wasm", metrics: { "macro R@1": 12.3 } };
  await saveFineTuned(folder, { ...model, textWeights, ...facts });
  return { model, textWeights, folder };
}

Deno.test("a fine-tuned encoder comes back as it was, with a card", async () => {
  const { model, textWeights, folder } = await fineTunedFolder();
  const again = await loadTextEncoder(model.clip, folder);
  for (const [name, tensor] of Object.entries(textWeights)) {
    assertEquals(await again.weights[name].data(), await tensor.data());
  }
  assertEquals(again.hash, await sha256(await Deno.readFile(`${folder}/model.safetensors`)));
  await inspectTextEncoder(model.clip, folder);
  const card = await Deno.readTextFile(`${folder}/README.md`);
  for (const part of [model.clip.hash, "three triplets", "macro R@1 | 12.30", '"temperature": 0.07']) {
    assert(card.includes(part), part);
  }
  const { config } = model.clip, wider = { ...config, text: { ...config.text, mlpWidth: 7 } };
  for (const open of [loadTextEncoder, inspectTextEncoder]) {
    await assertRejects(
      () => open({ config: wider }, folder),
      Error,
      `Reading ${folder}/model.safetensors failed: it was made for another CLIP; its text tower has 3 layers ` +
        "of width 128 (perceptrons of width 512), 4242 tokens, a context of 32 and a projection to 128, this CLIP's has 3 " +
        "layers of width 128 (perceptrons of width 7), 4242 tokens, a context of 32 and a projection to 128.",
    );
    await assertRejects(
      () => open(model.clip, new URL("../goldens/lincir.pt", import.meta.url)),
      Error,
      'has no "CLIPTextModelWithProjection"',
    );
    await assertRejects(() => open(model.clip, `${folder}/none.pt`), Error, "there is no such file or folder");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: `transformers reads a fine-tuned encoder, gives our features, and saves what we read back${why}`,
  ignore: !hasReference,
  fn: async () => {
    const { model: { clip }, textWeights, folder } = await fineTunedFolder();
    const texts = ["woman running: dark skin tone", "red apple", "a photo of a man's shoe"];
    const { stdout, success, stderr } = await new Deno.Command(python, {
      args: [filePath(new URL("read_back.py", import.meta.url)), folder, `${folder}/again`, ...texts],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const theirs: number[][] = JSON.parse(new TextDecoder().decode(stdout));
    const ours = encodeTokens(textWeights, clip.config.text, clip.tokenizer.encode(texts));
    const off = await tf.max(tf.abs(tf.sub(ours, tf.tensor2d(theirs)))).data();
    const largest = Math.max(...theirs.flat().map(Math.abs));
    assert(off[0] <= 1e-4 * largest, `largest difference ${off[0]} of ${largest}`);
    const again = await loadTextEncoder(clip, `${folder}/again`);
    for (const [name, tensor] of Object.entries(textWeights)) {
      assertEquals(await again.weights[name].data(), await tensor.data(), name);
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("an encoder of another CLIP, or a damaged one, is refused in one sentence; nothing stays loaded", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder()), other = await loadClip(embeddedModelFolder("small"));
  const folder = await Deno.makeTempDir();
  await saveTextEncoder(folder, { clip: other, weights: other.weights });
  const before = tf.memory().numTensors;
  for (const open of [loadTextEncoder, inspectTextEncoder]) {
    await assertRejects(
      () => open(clip, folder),
      Error,
      "it was made for another CLIP; its text tower has 2 layers of width 96 (perceptrons of width 384)",
    );
  }
  const file = `${folder}/model.safetensors`, name = "text_model.final_layer_norm.bias";
  const { arrays } = readSafetensors(await Deno.readFile(file), file);
  await Deno.writeFile(file, writeSafetensors({ ...arrays, extra: { shape: [1], values: new Float32Array(1) } }));
  await assertRejects(() => loadTextEncoder(other, folder), Error, 'it holds 1 unknown tensors, the first "extra"');
  await Deno.writeFile(file, writeSafetensors({ ...arrays, [name]: { shape: [2], values: new Float32Array(2) } }));
  await assertRejects(
    () => loadTextEncoder(other, folder),
    Error,
    `"${name}" is [2], the CLIP's config.json needs [96].`,
  );
  delete arrays[name];
  await Deno.writeFile(file, writeSafetensors(arrays));
  await assertRejects(() => loadTextEncoder(other, folder), Error, `the tensor "${name}" [96] is missing.`);
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an encoder and images are found in a folder with a space, # and % in its name", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder());
  const parent = await Deno.makeTempDir();
  const folders = [`${parent}/a #1 50%25`, `${parent}/b #2 7%/`, pathToFileURL(`${parent}/c #3 %20`)];
  const features: Float32Array[] = [];
  for (const folder of folders) {
    await saveTextEncoder(folder, { clip, weights: clip.weights });
    const { weights, hash } = await loadTextEncoder(clip, folder);
    assertEquals(hash.length, 64);
    assertEquals(Object.keys(weights).length, Object.keys(textShapes(clip.config)).length);
    await Deno.copyFile(new URL("../goldens/images/grey.png", import.meta.url), inFolder(folder, "a #%.png"));
    const files = await imageFilesIn(folder);
    assertEquals(files.map(({ id }) => id), ["a #%.png"]);
    const cache = folder instanceof URL ? pathToFileURL(inFolder(folder, "cache/")) : `${folder}/cache`;
    const made = await encodeImageFiles(clip, files, { cache });
    assertEquals((await encodeImageFiles(clip, files, { cache })).encoded, 0);
    assert(isFolder(inFolder(folder, "cache", made.key)));
    features.push(await made.features.data() as Float32Array);
  }
  assertEquals([features[1], features[2]], [features[0], features[0]]);
  const listed = [...Deno.readDirSync(parent)].map(({ name }) => name).sort();
  assertEquals(listed, ["a #1 50%25", "b #2 7%", "c #3 %20"]);
  await Deno.remove(parent, { recursive: true });
});

Deno.test("an encoder that names another CLIP of equal sizes, or is damaged, is refused; one that names none is read", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder("small"), { towers: "text" });
  const folder = await Deno.makeTempDir(), file = `${folder}/model.safetensors`;
  await saveTextEncoder(folder, { clip, weights: clip.weights, metadata: { clip: clip.hash } });
  await loadTextEncoder(clip, folder);
  const other = { ...clip, hash: "0".repeat(64) };
  for (const open of [loadTextEncoder, inspectTextEncoder]) {
    await assertRejects(
      () => open(other, folder),
      Error,
      `Reading ${file} failed: it was made for another CLIP; it names one whose weights have the SHA-256 ${clip.hash}`,
    );
  }
  await inspectTextEncoder({ config: clip.config }, folder);
  const before = tf.memory().numTensors;
  const bytes = await Deno.readFile(file);
  bytes[bytes.length - 4] ^= 1; // the lowest bit of a number, which stays finite
  await Deno.writeFile(file, bytes);
  await assertRejects(
    () => loadTextEncoder(clip, folder),
    Error,
    `Reading ${file} failed: its checksum does not match`,
  );
  assertEquals(tf.memory().numTensors, before);
  await saveTextEncoder(folder, { clip, weights: clip.weights });
  await loadTextEncoder(other, folder);
  await Deno.remove(folder, { recursive: true });
});
