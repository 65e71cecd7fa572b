/** Files of a model that are almost right: they are read as meant, or refused in one sentence with what to do. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { clipTokenizerJson } from "../../lib/clip/files/clip_tokenizer_json.ts";
import { loadTokenizer } from "../../lib/clip/files/load_tokenizer.ts";
import { inspectClip, loadClip, saveClip } from "../../lib/clip/files/model_folder.ts";
import { parsePreprocessing } from "../../lib/clip/files/preprocessor_config.ts";
import { clipConfigJson, parseClipConfig } from "../../lib/clip/model/config.ts";
import { clipShapes, initialClip } from "../../lib/clip/model/shapes.ts";
import { makeTokenizer } from "../../lib/clip/model/tokenizer.ts";
import { embeddedConfig } from "../../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../../lib/embedded/tokenizer.ts";
import { random } from "../../lib/tensors/random.ts";

const vocabulary = Object.fromEntries(
  ["$</w>", "r", "e", "d</w>", "re", "red</w>", "<|startoftext|>", "<|endoftext|>"].map((token, id) => [token, id]),
);
const merges = ["#version: 0.2", "r e", "re d</w>", ""];
const text = { ...embeddedConfig(8).text, pooling: { at: "first end of text", id: 7 } as const };

Deno.test("loadTokenizer: merges.txt with the line ends of Windows gives the same ids", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/vocab.json`, JSON.stringify(vocabulary));
  for (const end of ["\n", "\r\n"]) {
    await Deno.writeTextFile(`${folder}/merges.txt`, merges.join(end));
    assertEquals([...(await loadTokenizer(folder, text)).encode(["red"]).ids], [6, 5, 7], JSON.stringify(end));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("makeTokenizer: a merge that makes no token of the vocabulary, or an id without an embedding, is refused", () => {
  const make = (vocabulary: Record<string, number>, merges: string) =>
    makeTokenizer(clipTokenizerJson(vocabulary, merges, "vocab.json"), text, "vocab.json");
  make(vocabulary, merges.join("\n"));
  assertThrows(
    () => make(vocabulary, "r e\nre d\n"),
    Error,
    'Reading vocab.json failed: its merge 1, "re d", makes "red", which the vocabulary does not have; fetch',
  );
  assertThrows(() => make(vocabulary, "r e d</w>\n"), Error, 'its merge 0, "r e d</w>", is no pair of tokens');
  assertThrows(() => make({ ...vocabulary, x: 8 }, ""), Error, 'its token "x" has the id 8, config.json has 8 tokens');
  const json = clipTokenizerJson(vocabulary, "", "v") as { pre_tokenizer: { pretokenizers: { pattern?: unknown }[] } };
  assertThrows(
    () => clipTokenizerJson([] as never, "", "vocab.json"),
    Error,
    "Reading vocab.json failed: it is no object from tokens to ids",
  );
  json.pre_tokenizer.pretokenizers[0].pattern = {};
  assertThrows(() => makeTokenizer(json, text, "t.json"), Error, "t.json failed: its pattern {} has no Regex");
  assertThrows(
    () => makeTokenizer(null, text, "t.json"),
    Error,
    "t.json failed: it has no model, so it is no tokenizer",
  );
});

Deno.test("parseClipConfig: a number of layers that no model has is refused before anything is made of it", () => {
  const config = (layers: number) => ({ text_config: { num_hidden_layers: layers } });
  assertEquals(parseClipConfig(config(1000), "c.json").text.layers, 1000);
  assertThrows(
    () => parseClipConfig(config(100_000), "c.json"),
    Error,
    "Reading c.json failed: text_config.num_hidden_layers is 100000, the most are 1000",
  );
  assertThrows(
    () => parseClipConfig({ text_config: { hidden_act: { toString: 1 } } }, "c.json"),
    Error,
    "c.json failed",
  );
  assertThrows(
    () => parseClipConfig({ text_config: { layer_norm_eps: 0 } }, "c.json"),
    Error,
    "expected a number above 0",
  );
});

Deno.test("loadClip: layers, a byte-order mark, and an index of another form", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), config = embeddedConfig(6);
  const tokenizer = { json: embeddedTokenizerJson(["red", "apple"]) };
  await saveClip(folder, { config, tokenizer, weights: initialClip(config, random(1)) });
  const write = (name: string, content: string) => Deno.writeTextFile(`${folder}/${name}`, content);
  const json = JSON.stringify(clipConfigJson(config));
  await write("config.json", `\ufeff${json}`);
  assertEquals((await loadClip(folder, { towers: "text" })).config, config);
  const { text_config, ...rest } = clipConfigJson(config);
  await write(
    "config.json",
    JSON.stringify({ ...rest, text_config: { ...text_config as object, num_hidden_layers: 900 } }),
  );
  await assertRejects(
    () => inspectClip(folder),
    Error,
    `model.safetensors failed: its text_model has ${config.text.layers} layers, config.json says 900.`,
  );
  await write("config.json", json);
  await Deno.rename(`${folder}/model.safetensors`, `${folder}/m.safetensors`);
  for (
    const [index, message] of [
      ["[", "it is not JSON"],
      ["[]", 'it has no "weight_map" from tensors to shards'],
      ["null", 'it has no "weight_map" from tensors to shards'],
      ['{"weight_map":{}}', 'it has no "weight_map" from tensors to shards'],
      ['{"weight_map":["m.safetensors"]}', 'it has no "weight_map" from tensors to shards'],
      ['{"weight_map":{"a":"../m.safetensors"}}', 'its tensor "a" is mapped to no file in its folder'],
      ['{"weight_map":{"a":"\\u0000"}}', 'its tensor "a" is mapped to no file in its folder'],
      [`{"weight_map":{"a":"${"x".repeat(5000)}"}}`, 'its tensor "a" is mapped to no file in its folder'],
      ['{"weight_map":{"a":"m.safetensors"}}', '"a" should be in '],
    ]
  ) {
    await write("model.safetensors.index.json", index);
    await assertRejects(() => inspectClip(folder), Error, message);
  }
  await write("model.safetensors.index.json", '{"weight_map":{"logit_scale":"m.safetensors"}}');
  await assertRejects(() => inspectClip(folder), Error, "its text_model has 0 layers");
  const map = Object.fromEntries(Object.keys(clipShapes(config)).map((name) => [name, "m.safetensors"]));
  await write("model.safetensors.index.json", `\ufeff${JSON.stringify({ weight_map: map })}`);
  await inspectClip(folder);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("parsePreprocessing: steps that are switched off, or rescale otherwise, are refused", () => {
  const config = { size: 8, crop_size: 8, do_normalize: true, rescale_factor: 0.00392156862745098 };
  assertEquals(parsePreprocessing(config, "p").size, 8);
  assertThrows(
    () => parsePreprocessing({ ...config, do_normalize: false }, "p"),
    Error,
    "do_normalize is false, expected",
  );
  assertThrows(
    () => parsePreprocessing({ ...config, rescale_factor: 1 }, "p"),
    Error,
    "rescale_factor is 1, expected 1/255",
  );
  assertThrows(() => parsePreprocessing(null, "p.json"), Error, "Reading p.json failed: it is not an object");
});
