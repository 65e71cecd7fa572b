import { assert, assertEquals, assertRejects } from "@std/assert";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { assertSentence, bytes, modelFolder, pathsBelow, withHub } from "./miniature_hub.ts";

const first = "model-00001-of-00002.safetensors", second = "model-00002-of-00002.safetensors";
const index = (map: unknown) => new TextEncoder().encode(JSON.stringify({ metadata: {}, weight_map: map }));

/** A model in shards; the index maps one tensor to each name. */
const sharded = (names: string[], listed = names): Record<string, Uint8Array> => ({
  "model.safetensors.index.json": index(Object.fromEntries(names.map((name, i) => [`tensor${i}`, name]))),
  ...Object.fromEntries(listed.map((name, i) => [name, bytes(1000 + i, i)])),
});

Deno.test("fetchModel: a model in shards arrives whole, and is found complete without asking again", async () => {
  await withHub({ weights: sharded([first, second]) }, async ({ asked, files }) => {
    const snapshot = await fetchModel("org/clip");
    for (const name of [first, second, "model.safetensors.index.json"]) {
      assertEquals(await Deno.readFile(`${snapshot}/${name}`), files[name]);
    }
    const count = asked.length;
    assertEquals(await fetchModel("org/clip"), snapshot);
    assertEquals(asked.length, count);
  });
});

Deno.test("fetchModel: a missing shard is fetched again, and nothing else", async () => {
  await withHub({ weights: sharded([first, second]) }, async ({ asked, files }) => {
    const snapshot = await fetchModel("org/clip");
    await Deno.remove(await Deno.realPath(`${snapshot}/${second}`));
    const count = asked.length;
    assertEquals(await fetchModel("org/clip"), snapshot);
    assertEquals(await Deno.readFile(`${snapshot}/${second}`), files[second]);
    const names = asked.slice(count).map((line) => line.split(" ")[1].split("/").at(-1));
    assertEquals(names, ["main", second, second, second]);
  });
});

Deno.test("fetchModel: shards of other names, and in folders, are those that the index lists", async () => {
  const names = ["weights.a.safetensors", "parts/b #1.safetensors"];
  await withHub({ weights: sharded(names) }, async ({ asked, files }, cache) => {
    const snapshot = await fetchModel("org/clip");
    for (const name of names) assertEquals(await Deno.readFile(`${snapshot}/${name}`), files[name]);
    assert((await Deno.readLink(`${snapshot}/${names[1]}`)).startsWith("../../../blobs/"));
    assertEquals(pathsBelow(`${modelFolder(cache)}/refs`), ["main"]);
    const count = asked.length;
    await fetchModel("org/clip");
    assertEquals(asked.length, count);
  });
});

Deno.test("fetchModel: a shard that the hub does not have, or an index without shards, is one sentence", async () => {
  await withHub({ weights: sharded([first, second], [first]) }, async (_, cache) => {
    const error = await assertRejects(
      () => fetchModel("org/clip"),
      Error,
      `names the shard "${second}", which the hub`,
    );
    assertSentence(error);
    assertEquals(pathsBelow(`${modelFolder(cache)}/refs`), []);
  });
  for (const wrong of [index(undefined), index({}), index({ a: 7 }), index({ a: "../b" }), index(null), bytes(30, 1)]) {
    const weights = { ...sharded([first]), "model.safetensors.index.json": wrong };
    await withHub({ weights }, async () => {
      const error = await assertRejects(() => fetchModel("org/clip"), Error);
      assertSentence(error);
      assert(
        /no "weight_map" from tensors to shards|mapped to no file in its folder|not UTF-8/.test(error.message),
        error.message,
      );
    });
  }
});
