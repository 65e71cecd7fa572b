import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip, saveClip } from "../../lib/clip/model_folder.ts";
import { clipShapes, initialClip } from "../../lib/clip/shapes.ts";
import { embeddedConfig } from "../../lib/emoji/embedded_model.ts";
import { embeddedTokenizerJson } from "../../lib/emoji/embedded_tokenizer.ts";
import { readSafetensors, writeSafetensors } from "../../lib/formats/safetensors.ts";
import { random } from "../../lib/training/random.ts";

const words = ["red", "apple"];
const config = embeddedConfig(words.length + 4);

/** A small model's folder, and its weights' values. */
async function madeFolder(): Promise<URL> {
  await useDevice("wasm");
  const folder = new URL(`file://${await Deno.makeTempDir()}/`);
  await saveClip(folder, config, embeddedTokenizerJson(words), initialClip(config, random(1)), { a: "b" }, "F32");
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
  const text = await loadClip(folder, "text");
  assertEquals(Object.keys(text.weights).some((name) => name.startsWith("vision")), false);
  const image = await loadClip(folder, "image");
  assertEquals(Object.keys(image.weights).some((name) => name.startsWith("text")), false);
  assertEquals([text.hash, image.hash], [clip.hash, clip.hash]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("shards are one model; a missing one is named", async () => {
  const folder = await madeFolder(), whole = new URL("model.safetensors", folder);
  const { arrays } = readSafetensors(await Deno.readFile(whole), "m");
  const names = Object.keys(arrays), shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const part = names.filter((_, n) => n % 2 === i);
    part.forEach((name) => weightMap[name] = shard);
    const content = writeSafetensors(Object.fromEntries(part.map((name) => [name, arrays[name]])));
    await Deno.writeFile(new URL(shard, folder), content);
  }
  await Deno.writeTextFile(new URL("model.safetensors.index.json", folder), JSON.stringify({ weight_map: weightMap }));
  await Deno.remove(whole);
  const clip = await loadClip(folder);
  assertEquals(await clip.weights.logit_scale.data(), Float32Array.from(arrays.logit_scale.values));
  await Deno.remove(new URL(shards[1], folder));
  await assertRejects(() => loadClip(folder), Error, "its shard");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an older folder is read: pytorch_model.bin, vocab.json, merges.txt", async () => {
  await useDevice("wasm");
  const folder = new URL(`file://${await Deno.makeTempDir()}/`), golden = new URL("../goldens/", import.meta.url);
  const write = (name: string, content: string) => Deno.writeTextFile(new URL(name, folder), content);
  const { config } = JSON.parse(await Deno.readTextFile(new URL("tiny_clip_wide_text.json", golden)));
  await write("config.json", JSON.stringify(config));
  await write("vocab.json", JSON.stringify({ "$</w>": 3, "a</w>": 4, "<|startoftext|>": 37, "<|endoftext|>": 39 }));
  await write("merges.txt", "#version: 0.2\n");
  await Deno.copyFile(new URL("tiny_clip_wide_text.bin", golden), new URL("pytorch_model.bin", folder));
  const clip = await loadClip(folder);
  assertEquals([...clip.tokenizer.encode(["a [$]"]).ids], [37, 4, 3, 39]);
  const { arrays } = readSafetensors(await Deno.readFile(new URL("tiny_clip_wide_text.safetensors", golden)), "g");
  assertEquals(Object.keys(clip.weights).sort(), Object.keys(arrays).sort());
  for (const [name, { values }] of Object.entries(arrays)) assertEquals(await clip.weights[name].data(), values, name);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a folder that is not whole is refused in one sentence, and nothing stays loaded", async () => {
  const folder = await madeFolder(), file = (name: string) => new URL(name, folder);
  const before = tf.memory().numTensors;
  const { arrays } = readSafetensors(await Deno.readFile(file("model.safetensors")), "m");
  const with_ = async (change: Record<string, { shape: number[]; values: Float32Array } | undefined>) => {
    const changed = Object.fromEntries(Object.entries({ ...arrays, ...change }).filter(([, array]) => array));
    await Deno.writeFile(file("model.safetensors"), writeSafetensors(changed as typeof arrays));
  };
  await with_({ "text_projection.weight": undefined });
  await assertRejects(() => loadClip(folder), Error, 'the tensor "text_projection.weight" [128,128] is missing');
  await with_({ "text_projection.weight": { shape: [2], values: new Float32Array(2) } });
  await assertRejects(() => loadClip(folder), Error, "is [2], config.json asks for [128,128]");
  await with_({ extra: { shape: [1], values: new Float32Array(1) } });
  await assertRejects(() => loadClip(folder), Error, 'it holds 1 unknown tensors, the first "extra"');
  await with_({ "text_model.embeddings.position_ids": { shape: [1, 1], values: new Float32Array(1) } });
  await loadClip(folder, "text");
  await Deno.truncate(file("model.safetensors").pathname, 5000);
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
