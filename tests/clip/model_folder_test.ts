import { pathToFileURL } from "node:url";
import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadModels, preprocessingNotes } from "../../cli/models.ts";
import { changePreprocessing } from "../../lib/clip/files/change_preprocessing.ts";
import { inspectClip, loadClip, saveClip } from "../../lib/clip/files/model_folder.ts";
import { preprocessingJson } from "../../lib/clip/files/preprocessor_config.ts";
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import { clipShapes, initialClip } from "../../lib/clip/model/shapes.ts";
import { embeddedConfig } from "../../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../../lib/embedded/tokenizer.ts";
import { filePath, inFolder } from "../../lib/io/path.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";

const words = ["red", "apple"];
const config = embeddedConfig(words.length + 4);

/** A small model's folder, and its weights' values. */
async function madeFolder(): Promise<string> {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir();
  const tokenizer = { json: embeddedTokenizerJson(words) };
  await saveClip(folder, { config, tokenizer, weights: initialClip(config, random(1)), metadata: { a: "b" } });
  return folder;
}

Deno.test("a model survives the way out and back, and one tower can be loaded alone", async () => {
  const folder = await madeFolder();
  const clip = await loadClip(folder);
  assertEquals(clip.config, config);
  const expected = initialClip(config, random(1));
  for (const name of Object.keys(clipShapes(config))) {
    assertEquals(await clip.weights[name].data(), await expected[name].data(), name);
  }
  const text = await loadClip(folder, { towers: "text" });
  assertEquals(Object.keys(text.weights).some((name) => name.startsWith("vision")), false);
  const image = await loadClip(folder, { towers: "image" });
  assertEquals(Object.keys(image.weights).some((name) => name.startsWith("text")), false);
  assertEquals([text.hash, image.hash], [clip.hash, clip.hash]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("shards are one model; a missing one is named", async () => {
  const folder = await madeFolder(), whole = `${folder}/model.safetensors`;
  const { arrays } = readSafetensors(await Deno.readFile(whole), "m");
  const names = Object.keys(arrays), shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const part = names.filter((_, n) => n % 2 === i);
    part.forEach((name) => weightMap[name] = shard);
    const content = writeSafetensors(Object.fromEntries(part.map((name) => [name, arrays[name]])));
    await Deno.writeFile(`${folder}/${shard}`, content);
  }
  await Deno.writeTextFile(`${folder}/model.safetensors.index.json`, JSON.stringify({ weight_map: weightMap }));
  await Deno.remove(whole);
  const clip = await loadClip(folder);
  assertEquals(await clip.weights.logit_scale.data(), Float32Array.from(arrays.logit_scale.values));
  await Deno.remove(`${folder}/${shards[1]}`);
  await assertRejects(() => loadClip(folder), Error, "its shard");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an older folder is read: pytorch_model.bin, vocab.json, merges.txt", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), goldens = filePath(new URL("../goldens/", import.meta.url));
  const golden = (name: string) => inFolder(goldens, `tiny_clip_wide_text.${name}`);
  const write = (name: string, content: string) => Deno.writeTextFile(`${folder}/${name}`, content);
  const { config } = JSON.parse(await Deno.readTextFile(golden("json")));
  await write("config.json", JSON.stringify(config));
  await write("vocab.json", JSON.stringify({ "$</w>": 3, "a</w>": 4, "<|startoftext|>": 37, "<|endoftext|>": 39 }));
  await write("merges.txt", "#version: 0.2\n");
  await Deno.copyFile(golden("bin"), `${folder}/pytorch_model.bin`);
  const clip = await loadClip(folder);
  assertEquals([...clip.tokenizer.encode(["a [$]"]).ids], [37, 4, 3, 39]);
  const { arrays } = readSafetensors(await Deno.readFile(golden("safetensors")), "g");
  assertEquals(Object.keys(clip.weights).sort(), Object.keys(arrays).sort());
  for (const [name, { values }] of Object.entries(arrays)) assertEquals(await clip.weights[name].data(), values, name);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder that is not whole is refused in one sentence, and nothing stays loaded", async () => {
  const folder = await madeFolder(), file = (name: string) => `${folder}/${name}`;
  const before = tf.memory().numTensors;
  const { arrays } = readSafetensors(await Deno.readFile(file("model.safetensors")), "m");
  const with_ = async (change: Record<string, { shape: number[]; values: Float32Array } | undefined>) => {
    const changed = Object.fromEntries(Object.entries({ ...arrays, ...change }).filter(([, array]) => array));
    await Deno.writeFile(file("model.safetensors"), writeSafetensors(changed as typeof arrays));
  };
  await with_({ "text_projection.weight": undefined });
  for (const open of [loadClip, inspectClip]) {
    await assertRejects(() => open(folder), Error, 'the tensor "text_projection.weight" [128,128] is missing');
  }
  await with_({ "text_projection.weight": { shape: [2], values: new Float32Array(2) } });
  await assertRejects(() => loadClip(folder), Error, "is [2], the CLIP's config.json needs [128,128]");
  await with_({ extra: { shape: [1], values: new Float32Array(1) } });
  await assertRejects(() => loadClip(folder), Error, 'it holds 1 unknown tensors, the first "extra"');
  await with_({ "text_model.embeddings.position_ids": { shape: [1, 1], values: new Float32Array(1) } });
  await loadClip(folder, { towers: "text" });
  await Deno.truncate(file("model.safetensors"), 5000);
  await assertRejects(() => loadClip(folder), Error, "fetch or make the file again");
  await Deno.writeTextFile(file("config.json"), "{");
  await assertRejects(() => loadClip(folder), Error, "config.json failed: it is not JSON");
  await Deno.remove(file("config.json"));
  await assertRejects(() => loadClip(folder), Error, "is this a CLIP model's folder?");
  // The one that was loaded in between holds the text tower's tensors, nothing else is left.
  const text = Object.keys(clipShapes(config)).filter((name) => name.startsWith("text_")).length;
  assertEquals(tf.memory().numTensors, before + text);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder is inspected without its weights, and saved with its preprocessing", async () => {
  const folder = await madeFolder(), before = tf.memory().numTensors;
  const plain = await inspectClip(folder);
  assertEquals([plain.config, plain.preprocessing], [config, clipPreprocessing(config.vision.imageSize)]);
  assertEquals([...plain.tokenizer.encode(["red apple"]).ids], [0, 4, 5, 1]);
  assertEquals(tf.memory().numTensors, before);
  const clip = await loadClip(folder), mean: [number, number, number] = [0.1, 0.2, 0.3];
  await saveClip(folder, { ...clip, preprocessing: { ...clip.preprocessing, mean }, floats: "F16" });
  const again = await loadClip(folder);
  assertEquals(again.preprocessing.mean, mean);
  const wrong = preprocessingJson(clipPreprocessing(99));
  await Deno.writeTextFile(`${folder}/preprocessor_config.json`, JSON.stringify(wrong));
  await assertRejects(() => loadClip(folder), Error, "it makes 99 pixels, the model reads 32");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder is found as text or URL, with and without its last slash, whatever is in its name", async () => {
  const parent = await Deno.makeTempDir(), made = await madeFolder();
  const folder = `${parent}/50% of #1 a`;
  await Deno.rename(made, folder);
  const { hash } = await loadClip(folder);
  for (const path of [`${folder}/`, pathToFileURL(folder), pathToFileURL(`${folder}/`)]) {
    assertEquals((await loadClip(path)).hash, hash);
    assertEquals((await inspectClip(path)).config, config);
  }
  await Deno.remove(`${folder}/config.json`);
  await assertRejects(
    () => loadClip(pathToFileURL(folder)),
    Error,
    `Reading ${folder}/config.json failed: there is no such file; is this a CLIP model's folder?`,
  );
  await Deno.remove(parent, { recursive: true });
});

Deno.test("loadClip: a flipped bit of weights that this toolkit wrote is refused, in one file or in a shard", async () => {
  const folder = await madeFolder(), whole = `${folder}/model.safetensors`, before = tf.memory().numTensors;
  const bytes = await Deno.readFile(whole), flipped = bytes.slice();
  // The lowest bit of the last number: it stays finite, and no shape changes.
  flipped[flipped.length - 4] ^= 1;
  await Deno.writeFile(whole, flipped);
  await assertRejects(() => loadClip(folder), Error, `Reading ${whole} failed: its checksum does not match`);
  const { arrays } = readSafetensors(bytes, "m"), shard = "model-00001-of-00001.safetensors";
  const weightMap = Object.fromEntries(Object.keys(arrays).map((name) => [name, shard]));
  await Deno.writeTextFile(`${folder}/model.safetensors.index.json`, JSON.stringify({ weight_map: weightMap }));
  await Deno.rename(whole, `${folder}/${shard}`);
  await assertRejects(() => loadClip(folder), Error, `${shard} failed: its checksum does not match`);
  assertEquals(tf.memory().numTensors, before);
  await Deno.writeFile(`${folder}/${shard}`, bytes);
  await loadClip(folder);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("loadClip: weights that are not finite are refused; a changed configuration or tokenizer is another CLIP", async () => {
  const folder = await madeFolder(), { identity, hash } = await loadClip(folder), before = tf.memory().numTensors;
  const change = async (name: string, edit: (text: string) => string) => {
    const file = `${folder}/${name}`, text = await Deno.readTextFile(file), changed = edit(text);
    assert(changed !== text, name);
    await Deno.writeTextFile(file, changed);
    const clip = await loadClip(folder);
    assertEquals(clip.hash, hash);
    assert(clip.identity !== identity, name);
    disposeWeights(clip.weights);
    await Deno.writeTextFile(file, text);
  };
  await change("config.json", (text) => text.replaceAll('"layer_norm_eps": 0.00001', '"layer_norm_eps": 0.0001'));
  await change("tokenizer.json", (text) => JSON.stringify({ ...JSON.parse(text), truncation: null, made: true }));

  const file = `${folder}/model.safetensors`, { arrays } = readSafetensors(await Deno.readFile(file), "m");
  const name = "text_model.encoder.layers.0.mlp.fc1.bias";
  for (const value of [NaN, Infinity]) {
    arrays[name].values[1] = value;
    await Deno.writeFile(file, writeSafetensors(arrays, {}));
    await assertRejects(() => loadClip(folder), Error, name);
  }
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("changePreprocessing: another preprocessing is another identity, on the command line too", async () => {
  const folder = await madeFolder(), clip = await loadClip(folder);
  const padded = await changePreprocessing(clip, { targetPad: 1.25 });
  assertEquals(padded.preprocessing, { ...clip.preprocessing, targetPad: 1.25 });
  assert(padded.identity !== clip.identity && padded.hash === clip.hash && padded.weights === clip.weights);
  assertEquals((await changePreprocessing(padded, { targetPad: undefined })).identity, clip.identity);
  assertEquals((await loadModels({ clip: folder, targetPad: 1.25 })).clip.identity, padded.identity);
  assertEquals((await loadModels({ clip: folder })).clip.identity, clip.identity);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("preprocessingNotes: a phi of padded images is told from one of captions, and from one that fits", () => {
  const made = (method: string, clipIdentity?: string) => ({ method, provenance: { clip: "weights", clipIdentity } });
  const clip = { identity: "plain" };
  const [note] = preprocessingNotes({
    clip,
    phi: made("SEARLE", "padded"),
    pseudoTokens: made("SEARLE-OTI", "padded"),
  });
  assertEquals(
    note,
    "NOTE: this CLIP had another preprocessing, tokenizer or configuration for phi and the pseudo-tokens; where images " +
      "were padded then, pad them now too (evaluate: --target-pad).",
  );
  for (const phi of [made("SEARLE", "plain"), made("LinCIR", "padded"), made("SEARLE or LinCIR")]) {
    assertEquals(preprocessingNotes({ clip, phi }), []);
  }
});
