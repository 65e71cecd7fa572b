import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { cachedCaptionFeatures } from "../../lib/evaluation/cached_caption_features.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { madeModel } from "../rtd/made_model.ts";

Deno.test("cachedCaptionFeatures: the same from the cache; a file of others, or a cut one, is refused by name", async () => {
  await useDevice("wasm");
  const { clip } = madeModel({ width: 8, layers: 1, heads: 1, vocabulary: 50 }), cache = await Deno.makeTempDir();
  const captions = new Map([["a", ["w1 w2"]], ["b", ["w3", "w4 w5"]]]), ids = ["b", "gone", "a"];
  let encoded = 0;
  const read = () => cachedCaptionFeatures(clip, captions, ids, { cache, onProgress: () => void encoded++ });
  const first = await read(), values = await first.rows.data();
  assertEquals([first.rows.shape, [...first.index]], [[2, 8], [["b", 0], ["a", 1]]]);
  const before = encoded, tensors = tf.memory().numTensors, second = await read();
  assertEquals([encoded - before, await second.rows.data(), [...second.index]], [0, values, [...first.index]]);
  second.rows.dispose();

  const [{ name }] = Deno.readDirSync(cache), file = `${cache}/${name}`, bytes = await Deno.readFile(file);
  const { arrays, metadata } = readSafetensors(bytes, file), { features } = arrays;
  const row = { features: { shape: [1, 8], values: features.values.slice(0, 8) } };
  for (const other of [writeSafetensors(arrays, { key: "another" }), writeSafetensors(row, metadata)]) {
    await Deno.writeFile(file, other);
    await assertRejects(
      read,
      Error,
      `Reading features failed: ${file} belongs to other captions or weights; delete it.`,
    );
  }
  await Deno.writeFile(file, bytes.subarray(0, bytes.length - 5));
  await assertRejects(read, Error, file);
  assertEquals(tf.memory().numTensors, tensors);
  await Deno.remove(cache, { recursive: true });
});
