import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodePictures } from "../../lib/clip/encode_all.ts";
import { pictureFeatures } from "../../lib/clip/picture_features.ts";
import { loadPreprocessing, pictureFilesIn, readPictures } from "../../lib/clip/picture_files.ts";
import { embeddedModelFolder, loadEmbeddedModel } from "../../lib/emoji/embedded_model.ts";

const goldens = new URL("../goldens/pictures/", import.meta.url).pathname;

Deno.test("picture files are encoded once, and a memory that does not fit is refused", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel();
  const preprocessing = await loadPreprocessing(embeddedModelFolder(), clip.config.vision.imageSize);
  const folder = await Deno.makeTempDir(), cache = `${folder}/cache`;
  await Deno.mkdir(`${folder}/pictures/inner`, { recursive: true });
  await Deno.copyFile(`${goldens}grey.png`, `${folder}/pictures/b.png`);
  await Deno.copyFile(`${goldens}cmyk.jpg`, `${folder}/pictures/inner/a.jpg`);
  await Deno.writeTextFile(`${folder}/pictures/readme.txt`, "no picture");
  const files = await pictureFilesIn(`${folder}/pictures/`);
  assertEquals(files.map(({ id }) => id), ["b.png", "inner/a.jpg"]);

  const first = await pictureFeatures(clip, preprocessing, files, cache);
  const pixels = await readPictures(files.map(({ path }) => path), preprocessing);
  const plain = await (await encodePictures(clip.weights, clip.config, pixels)).data();
  assertEquals([first.encoded, first.features.shape], [2, [2, 128]]);
  (await first.features.data()).forEach((value, i) => assert(Math.abs(value - plain[i]) < 1e-4));
  const second = await pictureFeatures(clip, preprocessing, files, cache);
  assertEquals([second.encoded, second.key], [0, first.key]);
  assertEquals(await second.features.data(), await first.features.data());

  // Another part of the same file is another picture, whatever it is called.
  const cut = files.map((file) => ({ ...file, crop: [0, 0, 5, 5] as const }));
  await assertRejects(() => pictureFeatures(clip, preprocessing, cut, cache), Error, "has changed since");

  // Other weights, or another preprocessing, are another memory; the old one is left alone.
  const other = await pictureFeatures({ ...clip, hash: "other" }, preprocessing, files, cache);
  assert(other.encoded === 2 && other.key !== first.key);
  const shard = `${cache}/${first.key}/features-000000.safetensors`;
  await Deno.copyFile(`${cache}/${other.key}/features-000000.safetensors`, shard);
  const again = () => pictureFeatures(clip, preprocessing, files, cache);
  await assertRejects(again, Error, "belongs to another memory; delete it");
  await Deno.remove(shard);
  assertEquals((await again()).encoded, 2);
  await Deno.copyFile(`${goldens}grey.jpg`, `${folder}/pictures/b.png`);
  await assertRejects(again, Error, "(pictures 1 to 2) has changed since; delete the file");
  await Deno.remove(shard);
  await Deno.writeTextFile(`${folder}/pictures/b.png`, "no picture");
  await assertRejects(again, Error, "b.png");
  await Deno.remove(`${folder}/pictures/b.png`);
  await assertRejects(again, Error, `there is no file ${folder}/pictures/b.png (picture "b.png")`);

  await assertRejects(() => pictureFilesIn(`${folder}/none`), Error, "there is no folder");
  await Deno.mkdir(`${folder}/empty`);
  await assertRejects(() => pictureFilesIn(`${folder}/empty`), Error, "holds none");
  await Deno.remove(folder, { recursive: true });
});
