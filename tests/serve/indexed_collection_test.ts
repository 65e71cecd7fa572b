import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { imageIndex } from "../../lib/search/image_index.ts";
import { indexedCollection } from "../../lib/serve/indexed_collection.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import * as tf from "../../lib/tensors/tf.ts";

const goldens = new URL("../goldens/images/", import.meta.url).pathname;

Deno.test("indexedCollection: an image is shown as a small JPEG of its pixels, and only from below the folder", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), before = tf.memory().numTensors;
  await Deno.mkdir(`${folder}/photos/inside`, { recursive: true });
  await Deno.copyFile(`${goldens}large_601x403.jpg`, `${folder}/photos/inside/a b%.jpg`);
  await Deno.copyFile(`${goldens}rgb.png`, `${folder}/outside.png`);
  await Deno.writeTextFile(`${folder}/photos/text.png`, "no image");
  await Deno.copyFile(`${goldens}rgb.png`, `${folder}/photos/..odd.png`);
  const ids = [
    "inside/a b%.jpg",
    "../outside.png",
    `${folder}/outside.png`,
    "text.png",
    "none.png",
    "",
    "..odd.png",
    "..",
  ];
  const model = await loadEmbeddedModel({ size: "small" }), P = model.clip.config.projectionWidth;
  const features = tf.ones([ids.length, P]) as tf.Tensor2D;
  {
    using index = imageIndex(ids, features, `${folder}/photos`);
    const collection = indexedCollection({ ...model, index });
    const { bytes, type } = await collection.image(0);
    assertEquals([type, bytes[0], bytes[1], bytes.length < 60_000], ["image/jpeg", 0xff, 0xd8, true]);
    await assertRejects(() => collection.image(1), Error, "../outside.png is not below the folder of the index.");
    await assertRejects(() => collection.image(2)); // below the folder, where it is not
    await assertRejects(() => collection.image(3), Error, "Decoding text.png failed");
    await assertRejects(() => collection.image(4));
    await assertRejects(() => collection.image(5), Error, "is not below the folder");
    assertEquals((await collection.image(6)).type, "image/jpeg");
    await assertRejects(() => collection.image(7), Error, ".. is not below the folder");

    // Searches leave no tensor behind.
    const query = { text: "is red", method: "composed", weight: 0.5, top: 3 } as const;
    const encoded = await collection.encode(await Deno.readFile(`${goldens}rgb.png`));
    assertEquals(encoded.length, P);
    await collection.search({ ...query, image: encoded });
    const held = tf.memory().numTensors;
    const { method, frozen, fineTuned } = await collection.search({ ...query, image: 0 });
    assertEquals([method, frozen.map(({ row }) => row), fineTuned], ["composed", [1, 2, 3], undefined]);
    const both = indexedCollection({ ...model, index, textWeights: model.clip.weights });
    const results = await both.search({ ...query, image: 0 });
    assertEquals(results.fineTuned, results.frozen);
    assertEquals((await both.search({ ...query, text: "", image: 0 })).method, "image");
    assertEquals(tf.memory().numTensors, held);
  }
  features.dispose();
  disposeWeights({ ...model.clip.weights, ...model.phi.weights });
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
});
