/** Shards are read as their index says, and a checkpoint of PyTorch is read once. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openWeightFiles } from "../../lib/clip/files/weight_files.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { writeSafetensors } from "../../lib/io/safetensors.ts";

type Shards = Record<string, Record<string, number>>;

/** A folder of shards, each with tensors of one number, and an index; work on it, then it is removed. */
async function withShards(shards: Shards, map: Record<string, string>, work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [shard, numbers] of Object.entries(shards)) {
      await Deno.mkdir(`${folder}/${shard}`.replace(/\/[^/]*$/, ""), { recursive: true });
      const arrays = Object.entries(numbers).map(([name, value]) => [name, { shape: [1], values: [value] }] as const);
      const content = arrays.map(([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }]);
      await Deno.writeFile(`${folder}/${shard}`, writeSafetensors(Object.fromEntries(content)));
    }
    await Deno.writeTextFile(`${folder}/model.safetensors.index.json`, JSON.stringify({ weight_map: map }));
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openWeightFiles: a tensor that stands in two shards is read from the one that the index names", async () => {
  const shards = { "a.safetensors": { x: 1, y: 2 }, "b.safetensors": { x: 3, z: 4, left: 5 } };
  for (const [shard, value] of [["a.safetensors", 1], ["b.safetensors", 3]] as const) {
    await withShards(shards, { x: shard, y: "a.safetensors", z: "b.safetensors" }, async (folder) => {
      const files = await openWeightFiles(folder);
      assertEquals(["x", "y", "z"].map((name) => files.read(name).values[0]), [value, 2, 4]);
      assertEquals(files.shapes, { x: [1], y: [1], z: [1] });
      assertThrows(() => files.read("left"), Error, 'index.json failed: it has no tensor "left"');
      files.close();
    });
  }
});

Deno.test("openWeightFiles: a tensor that is in another shard than the index says is refused", async () => {
  const shards = { "a.safetensors": { x: 1 }, "b.safetensors": { y: 2 } };
  await withShards(shards, { x: "b.safetensors", y: "b.safetensors", z: "a.safetensors" }, async (folder) => {
    await assertRejects(
      () => openWeightFiles(folder),
      Error,
      `index.json failed: "x" should be in ${folder}/b.safetensors and is not; fetch both again.`,
    );
  });
});

Deno.test("openWeightFiles: a shard in a folder below is found, as the fetching put it there; none is found above", async () => {
  await withShards({ "parts/b #1.safetensors": { x: 1 } }, { x: "parts/b #1.safetensors" }, async (folder) => {
    const files = await openWeightFiles(folder);
    assertEquals(files.read("x").values[0], 1);
    assertEquals(await files.hash(), await sha256(await Deno.readFile(`${folder}/parts/b #1.safetensors`)));
    files.close();
  });
  for (const outside of ["../a.safetensors", "/a.safetensors", "parts/../../a", "a\u0000", "", "é".repeat(101)]) {
    await withShards({}, { x: outside }, async (folder) => {
      await assertRejects(() => openWeightFiles(folder), Error, 'its tensor "x" is mapped to no file in its folder');
    });
  }
});

Deno.test("openWeightFiles: a pytorch_model.bin is read once, and has the hash of its file", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/pytorch_model.bin`;
  await Deno.copyFile(new URL("../goldens/tiny_clip_wide_text.bin", import.meta.url), file);
  const expected = await sha256(await Deno.readFile(file));
  const files = await openWeightFiles(folder);
  await Deno.remove(file);
  assertEquals(await files.hash(), expected);
  assertEquals(files.read("logit_scale").shape, []);
  assertThrows(() => files.read("toString"), Error, `Reading ${file} failed: it has no tensor "toString".`);
  files.close();
  await Deno.remove(folder);
});
