import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { encodeImages } from "../../lib/clip/encode.ts";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";
import { imageFilesIn, readImages } from "../../lib/clip/images/image_files.ts";
import { jsonHash } from "../../lib/io/hash.ts";
import { filePath } from "../../lib/io/path.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";

const goldens = filePath(new URL("../goldens/images/", import.meta.url));

Deno.test("image files are encoded once, and a cache that does not fit is refused", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder());
  const folder = await Deno.makeTempDir(), cache = `${folder}/cache`;
  await Deno.mkdir(`${folder}/images/inner`, { recursive: true });
  await Deno.copyFile(`${goldens}grey.png`, `${folder}/images/b.png`);
  await Deno.copyFile(`${goldens}cmyk.jpg`, `${folder}/images/inner/a.jpg`);
  await Deno.writeTextFile(`${folder}/images/readme.txt`, "no image");
  const files = await imageFilesIn(`${folder}/images/`);
  assertEquals(files.map(({ id }) => id), ["b.png", "inner/a.jpg"]);

  const first = await encodeImageFiles(clip, files, { cache });
  const pixels = await readImages(clip, files.map(({ path }) => path));
  const plain = await (await encodeImages(clip, pixels)).data();
  assertEquals([first.encoded, first.features.shape], [2, [2, 128]]);
  (await first.features.data()).forEach((value, i) => assert(Math.abs(value - plain[i]) < 1e-4));
  const second = await encodeImageFiles(clip, files, { cache });
  assertEquals([second.encoded, second.key], [0, first.key]);
  assertEquals(await second.features.data(), await first.features.data());

  // Another part of the same file is another image, whatever it is called.
  const cut = files.map((file) => ({ ...file, crop: [0, 0, 5, 5] as const }));
  await assertRejects(() => encodeImageFiles(clip, cut, { cache }), Error, "has changed since");
  // The dilation is part of what was encoded: the same boxes without it are other images.
  const cutCache = `${folder}/cut`, dilated = cut.map((file) => ({ ...file, dilation: 0.5 }));
  assertEquals((await encodeImageFiles(clip, dilated, { cache: cutCache })).encoded, 2);
  assertEquals((await encodeImageFiles(clip, dilated, { cache: cutCache })).encoded, 0);
  await assertRejects(() => encodeImageFiles(clip, cut, { cache: cutCache }), Error, "has changed since");

  // Other weights, or another preprocessing, are another cache; the old one is left alone.
  const other = await encodeImageFiles({ ...clip, hash: "other" }, files, { cache });
  assert(other.encoded === 2 && other.key !== first.key);
  const padded = { ...clip, preprocessing: { ...clip.preprocessing, targetPad: 1.25 } };
  assert((await encodeImageFiles(padded, files, { cache })).key !== first.key);
  const shard = `${cache}/${first.key}/features-000000.safetensors`;
  await Deno.copyFile(`${cache}/${other.key}/features-000000.safetensors`, shard);
  const again = () => encodeImageFiles(clip, files, { cache });
  await assertRejects(again, Error, "belongs to another cache; delete it");
  await Deno.remove(shard);
  assertEquals((await again()).encoded, 2);
  await Deno.copyFile(`${goldens}grey.jpg`, `${folder}/images/b.png`);
  await assertRejects(again, Error, "(images 1 to 2) has changed since; delete the file");
  await Deno.remove(shard);
  await Deno.writeTextFile(`${folder}/images/b.png`, "no image");
  await assertRejects(again, Error, "b.png");
  await Deno.remove(`${folder}/images/b.png`);
  await assertRejects(again, Error, `there is no file ${folder}/images/b.png (image "b.png")`);

  const twice = [files[1], files[1]];
  await assertRejects(() => encodeImageFiles(clip, twice, { cache }), Error, 'both have the id "inner/a.jpg"');

  await assertRejects(() => imageFilesIn(`${folder}/none`), Error, "there is no folder");
  await Deno.mkdir(`${folder}/empty`);
  await assertRejects(() => imageFilesIn(`${folder}/empty`), Error, "holds none");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("encodeImageFiles: configuration, preprocessing and backend are in the key, whose text is a format", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder());
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(`${goldens}grey.png`, `${folder}/a.png`);
  const seen: string[] = [];
  const named = { ...clip, hash: "h", preprocessing: { ...clip.preprocessing, targetPad: 1.25 } };
  const { key } = await encodeImageFiles(named, await imageFilesIn(folder), {
    cache: `${folder}/cache`,
    onProgress: (done, total, note) => seen.push(`${done} of ${total}, ${note?.replace(/\d+/, "N")}`),
  });
  const { vision, projectionWidth } = clip.config;
  const expected = {
    weights: "h",
    config: { vision, projectionWidth },
    preprocessing: { size: 32, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5], targetPad: 1.25 },
    backend: "wasm",
    images: 1,
    ids: await jsonHash(["a.png"]),
    paths: await jsonHash([`${folder}/a.png`]),
    shardSize: 512,
    batchSize: 64,
  };
  assertEquals(await Deno.readTextFile(`${folder}/cache/${key}/manifest.json`), JSON.stringify(expected, null, 1));
  const epsilon = { ...clip.config, vision: { ...vision, layerNormEps: 1e-3 } };
  const other = await encodeImageFiles({ ...named, config: epsilon }, await imageFilesIn(folder), {
    cache: `${folder}/cache`,
  });
  assert(other.key !== key && other.encoded === 1, "a changed config.json found the features of the old one");
  assertEquals(seen, ["1 of 1, N images a second"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("encodeImageFiles: two folders with the same names share a cache, and so do CPU and GPU of one backend", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder("small"));
  const folder = await Deno.makeTempDir(), cache = `${folder}/cache`;
  for (const [name, image] of [["one", "grey.png"], ["two", "cmyk.jpg"]]) {
    await Deno.mkdir(`${folder}/${name}`);
    await Deno.copyFile(`${goldens}${image}`, `${folder}/${name}/a.png`);
  }
  const encode = async (name: string) =>
    await encodeImageFiles(clip, await imageFilesIn(`${folder}/${name}`), { cache });
  const one = await encode("one"), two = await encode("two");
  assertEquals([one.encoded, two.encoded], [1, 1]);
  for (const [name, { key }] of [["one", one], ["two", two]] as const) {
    const again = await encode(name);
    assertEquals([again.encoded, again.key], [0, key]);
  }
  const backend = tf.backend() as { isUsingGpuDevice?: boolean };
  backend.isUsingGpuDevice = true;
  try {
    const other = await encode("one");
    assert(other.key !== one.key && other.encoded === 1, "the GPU found the features of the CPU");
  } finally {
    delete backend.isUsingGpuDevice;
  }
  await Deno.remove(folder, { recursive: true });
});
