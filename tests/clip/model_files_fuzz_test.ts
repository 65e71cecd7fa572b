/** Mutated files of a model: each is read, or refused in one sentence with its name. */
import { assert } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { clipTokenizerJson } from "../../lib/clip/files/clip_tokenizer_json.ts";
import { inspectClip, saveClip } from "../../lib/clip/files/model_folder.ts";
import { parsePreprocessing, preprocessingJson } from "../../lib/clip/files/preprocessor_config.ts";
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import { clipConfigJson, parseClipConfig } from "../../lib/clip/model/config.ts";
import { initialClip } from "../../lib/clip/model/shapes.ts";
import { makeTokenizer } from "../../lib/clip/model/tokenizer.ts";
import { embeddedConfig } from "../../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../../lib/embedded/tokenizer.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { fuzz, mutateBytes, mutateJson } from "../io/fuzz.ts";

const words = ["red", "apple"], config = embeddedConfig(words.length + 4);
const vocabulary = ["$</w>", "r", "e", "d</w>", "re", "red</w>", "<|startoftext|>", "<|endoftext|>"];
const bpe = clipTokenizerJson(
  Object.fromEntries(vocabulary.map((token, id) => [token, id])),
  "#version: 0.2\nr e\nre d</w>\n",
  "vocab.json",
);

Deno.test("parseClipConfig: 20,000 mutated config.json are read or refused by name", async () => {
  const openai = { text_config: { vocab_size: 49408 }, vision_config: { image_size: 224 }, projection_dim: 512 };
  const { read, refused } = await fuzz({
    corpus: [clipConfigJson(config), openai],
    mutate: mutateJson,
    read: (json) => parseClipConfig(json, "config.json"),
    file: "config.json",
    rounds: 20_000,
    seed: 11,
  });
  assert(read > 1000 && refused > 1000, `${read} read, ${refused} refused`);
});

Deno.test("parsePreprocessing: 20,000 mutated preprocessor_config.json are read or refused by name", async () => {
  const old = { crop_size: 224, size: 224, resample: 3, do_rescale: true, rescale_factor: 1 / 255 };
  const { read, refused } = await fuzz({
    corpus: [preprocessingJson(clipPreprocessing(32)), old],
    mutate: mutateJson,
    read: (json) => parsePreprocessing(json, "preprocessor_config.json"),
    file: "preprocessor_config.json",
    rounds: 20_000,
    seed: 12,
  });
  assert(read > 1000 && refused > 1000, `${read} read, ${refused} refused`);
});

Deno.test("makeTokenizer: 20,000 mutated tokenizer.json are read or refused by name, and give ids of the vocabulary", async () => {
  const text = { ...config.text, vocabulary: 16, context: 8, pooling: { at: "largest id" } as const };
  const { read, refused } = await fuzz({
    corpus: [embeddedTokenizerJson(words), bpe],
    mutate: mutateJson,
    read: (json) => {
      const tokenizer = makeTokenizer(json, text, "tokenizer.json", () => {});
      for (const prompt of ["red apple", "a [$] that is 3.5, caf\u00e9"]) {
        try {
          const { ids } = tokenizer.encode([prompt]);
          assert(ids.every((id) => id >= 0 && id < 16), `ids [${ids}]`);
        } catch (error) {
          // A text that this vocabulary cannot hold is refused by its own name.
          if ((error as Error).constructor !== Error || !(error as Error).message.startsWith("Tokenizing ")) {
            throw error;
          }
        }
      }
    },
    file: "tokenizer.json",
    rounds: 20_000,
    seed: 13,
  });
  assert(read > 1000 && refused > 1000, `${read} read, ${refused} refused`);
});

Deno.test("inspectClip: mutated bytes of every file of a folder, the shards' index included, are read or refused by name", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), path = (name: string) => `${folder}/${name}`;
  const tokenizer = { json: embeddedTokenizerJson(words) }, preprocessing = clipPreprocessing(config.vision.imageSize);
  await saveClip(folder, { config, tokenizer, weights: initialClip(config, random(1)), preprocessing });
  const { arrays } = readSafetensors(await Deno.readFile(path("model.safetensors")), "m");
  await Deno.remove(path("model.safetensors"));
  await Deno.writeFile(path("shard 1.safetensors"), writeSafetensors(arrays));
  const map = Object.fromEntries(Object.keys(arrays).map((name) => [name, "shard 1.safetensors"]));
  await Deno.writeTextFile(path("model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  await inspectClip(folder);
  for (
    const [i, name] of [
      "config.json",
      "tokenizer.json",
      "preprocessor_config.json",
      "model.safetensors.index.json",
    ].entries()
  ) {
    const whole = await Deno.readFile(path(name)), json = JSON.parse(new TextDecoder().decode(whole));
    const read = async (bytes: Uint8Array) => {
      await Deno.writeFile(path(name), bytes);
      await inspectClip(folder);
    };
    const task = { read, file: folder, seed: 20 + i };
    await fuzz({ ...task, corpus: [whole], mutate: mutateBytes, rounds: 150 });
    await fuzz({
      ...task,
      corpus: [json],
      mutate: mutateJson,
      read: (value: unknown) => read(new TextEncoder().encode(JSON.stringify(value) ?? "")),
      rounds: 150,
    });
    await Deno.writeFile(path(name), whole);
  }
  await Deno.remove(folder, { recursive: true });
});
