import { crc32 } from "node:zlib";
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { changePreprocessing } from "../../lib/clip/files/change_preprocessing.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { encodeImages } from "../../lib/clip/encode.ts";
import { readImages } from "../../lib/clip/images/image_files.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { bucketOf, bucketPath } from "../../lib/search/index_buckets.ts";
import { pixelBudget } from "../../lib/clip/images/pixel_budget.ts";
import { readIndexedImage } from "../../lib/search/read_indexed_image.ts";
import { indexImages } from "../../lib/search/index_images.ts";
import { openImageIndex } from "../../lib/search/open_index.ts";
import { normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { imageFolder, writeImage } from "./images.ts";

// The backend holds files and timers for the life of the process.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
await useDevice("wasm");
const clip = await loadClip(embeddedModelFolder("small"), { towers: "image" });
const temporary: string[] = [];
globalThis.addEventListener("unload", () => {
  for (const folder of temporary) Deno.removeSync(folder, { recursive: true });
});
async function made(count: number): Promise<{ folder: string; out: string }> {
  const folder = await imageFolder(count), out = await Deno.realPath(await Deno.makeTempDir());
  temporary.push(folder, out);
  return { folder, out };
}
const read = async (out: string) => {
  using index = await openImageIndex(out, { clip });
  return { ids: index.ids, folder: index.folder, rows: await index.unit.array() };
};

test("indexImages: names sorted, features those of encodeImages, no tensor left", async () => {
  const { folder, out } = await made(8), before = tf.memory().numTensors;
  const report = await indexImages({ clip, folder, out });
  assertEquals(report, { images: 8, encoded: 8, forgotten: 0, skipped: [] });
  const { ids, rows, folder: kept } = await read(out);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(kept, folder);
  assertEquals(ids, ["0.jpg", "2.png", "4.png", "6.jpg", "below/1.png", "below/3.jpg", "below/5.png", "below/7.png"]);
  const pixels = await readImages(clip, ids.map((id) => `${folder}/${id}`));
  const expected = await normaliseRows(await encodeImages(clip, pixels)).array() as number[][];
  // 1e-5: another size of batch, in 32-bit floats.
  rows.forEach((row, i) => row.forEach((value, j) => assert(Math.abs(value - expected[i][j]) < 1e-5)));
});

test("indexImages: a second run encodes what is new or changed, and forgets what is gone", async () => {
  const { folder, out } = await made(6);
  await indexImages({ clip, folder, out });
  const first = await read(out);
  assertEquals((await indexImages({ clip, folder, out })).encoded, 0);
  await writeImage(`${folder}/2.png`, 40);
  await writeImage(`${folder}/new.png`, 41);
  await Deno.remove(`${folder}/4.png`);
  await Deno.rename(`${folder}/below/1.png`, `${folder}/below/moved.png`);
  // Its date alone changes: it is read, and not encoded.
  await Deno.utime(`${folder}/0.jpg`, new Date(), new Date(2_000_000_000_000));
  const report = await indexImages({ clip, folder, out });
  assertEquals(report, { images: 6, encoded: 3, forgotten: 2, skipped: [] });
  const second = await read(out), at = (of: typeof first, id: string) => of.rows[of.ids.indexOf(id)];
  assertEquals(second.ids, ["0.jpg", "2.png", "below/3.jpg", "below/5.png", "below/moved.png", "new.png"]);
  assertEquals(at(second, "0.jpg"), at(first, "0.jpg"));
  assertNotEquals(at(second, "2.png"), at(first, "2.png"));
  assertEquals((await indexImages({ clip, folder, out })).encoded, 0);
});

test("indexImages: what cannot be read is skipped with its reason, and odd names and circles of links are no trouble", async () => {
  const { folder, out } = await made(2);
  const bytes = await Deno.readFile(`${folder}/0.jpg`);
  await Deno.writeFile(`${folder}/cut.jpg`, bytes.slice(0, 200));
  await Deno.writeTextFile(`${folder}/text.png`, "no image");
  await Deno.writeTextFile(`${folder}/empty.png`, "");
  const odd = `ä ü%20#?"'\\\n🍎.png`;
  await writeImage(`${folder}/${odd}`, 9);
  await Deno.symlink(folder, `${folder}/below/circle`);
  await Deno.symlink(`${folder}/nowhere.png`, `${folder}/dangling.png`);
  await Deno.symlink(`${folder}/self.png`, `${folder}/self.png`);
  // A bomb: a header of 30,000 x 30,000 pixels in front of nothing.
  const png = await Deno.readFile(`${folder}/below/1.png`);
  const header = new DataView(png.buffer);
  header.setUint32(16, 30_000);
  header.setUint32(20, 30_000);
  header.setUint32(29, crc32(png.subarray(12, 29)));
  await Deno.writeFile(`${folder}/bomb.png`, png);
  const report = await indexImages({ clip, folder, out });
  assertEquals([report.images, report.encoded], [3, 3]);
  assertEquals((await read(out)).ids, ["0.jpg", "below/1.png", odd]);
  const reasons = Object.fromEntries(report.skipped.map(({ id, reason }) => [id, reason]));
  assertEquals(Object.keys(reasons).sort(), [
    "bomb.png",
    "cut.jpg",
    "dangling.png",
    "empty.png",
    "self.png",
    "text.png",
  ]);
  assertStringIncludes(reasons["bomb.png"], "the image is 30000 x 30000, 900000000 pixels, the most are 89478485");
  assertStringIncludes(reasons["text.png"], "is it a whole JPEG, PNG or WebP?");
  assertStringIncludes(reasons["cut.jpg"], "cut.jpg failed");
  // What was skipped is tried again, and has its place when it is whole.
  await Deno.writeFile(`${folder}/cut.jpg`, bytes);
  assertEquals((await indexImages({ clip, folder, out })).encoded, 1);
});

Deno.test({
  name: "readIndexedImage: a file that grows while it is read is not taken",
  // The system says of this file that it has 0 bytes, and then gives more.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await assertRejects(
      () =>
        readIndexedImage({ id: "version", path: "/proc/version" }, {
          preprocessing: clip.preprocessing,
          budget: pixelBudget(1e6),
        }),
      Error,
      "Reading /proc/version failed: it is being written; index again when it is whole.",
    );
  },
});

test("indexImages: shares of one index together are the whole, each its own part", async () => {
  const { folder, out } = await made(9), whole = await made(1);
  await indexImages({ clip, folder, out: whole.out });
  const parts = [];
  for (const index of [1, 2, 3]) parts.push(await indexImages({ clip, folder, out, shard: { index, of: 3 } }));
  assertEquals(parts.reduce((sum, { images }) => sum + images, 0), 9);
  assertEquals((await read(out)).ids, (await read(whole.out)).ids);
  // A share forgets nothing of the others.
  await Deno.remove(`${folder}/0.jpg`);
  const forgotten = [];
  for (const index of [1, 2, 3]) {
    forgotten.push((await indexImages({ clip, folder, out, shard: { index, of: 3 } })).forgotten);
  }
  assertEquals(forgotten.toSorted(), [0, 0, 1]);
  await assertRejects(
    () => indexImages({ clip, folder, out, shard: { index: 4, of: 3 } }),
    Error,
    "Indexing failed: share 4/3 is none; name one from 1/N to N/N, N at most 64.",
  );
});

test("indexImages: another CLIP, another folder, an empty one and a missing one are refused; a moved one is not", async () => {
  const { folder, out } = await made(3), other = await made(1);
  await indexImages({ clip, folder, out });
  const padded = await changePreprocessing(clip, { targetPad: 1.25 });
  const refused = (work: () => Promise<unknown>, sentence: string) => assertRejects(work, Error, sentence);
  await refused(() => indexImages({ clip: padded, folder, out }), "with the same weights, but other preprocessing");
  await refused(() => openImageIndex(out, { clip: padded }), "it was made with another CLIP");
  await refused(() => indexImages({ clip, folder: other.folder, out }), "which is still there, and not of");
  await refused(
    () => indexImages({ clip, folder: `${folder}/none`, out: other.out }),
    `there is no folder ${folder}/none`,
  );
  const empty = await Deno.makeTempDir();
  temporary.push(empty);
  await refused(() => indexImages({ clip, folder: empty, out: other.out }), `${empty} holds none (JPEG, PNG,`);
  // A folder that was named by mistake leaves nothing behind.
  assertEquals((await indexImages({ clip, folder: other.folder, out: other.out })).encoded, 1);
  await refused(() => openImageIndex(empty, { clip }), 'is this the folder of an index? "deno task index" makes one');

  // The index elsewhere, the images elsewhere.
  const moved = `${other.out}/index`, photos = `${other.out}/photos`;
  await Deno.rename(out, moved);
  temporary.splice(temporary.indexOf(out), 1);
  assertEquals((await read(moved)).folder, folder);
  using index = await openImageIndex(moved, { clip, folder: photos });
  assertEquals(index.folder, photos);
  await Deno.rename(folder, photos);
  temporary.splice(temporary.indexOf(folder), 1);
  // Not the folder that was moved: nothing of the index is given up for it.
  await writeImage(`${empty}/stranger.png`, 1);
  await refused(
    () => indexImages({ clip, folder: empty, out: moved }),
    `none of the 3 images of ${moved} is in ${empty}; give the folder that they are in now`,
  );
  assertEquals((await read(moved)).folder, folder);
  assertEquals(await indexImages({ clip, folder: photos, out: moved }), {
    ...{ images: 3, encoded: 0, forgotten: 0, skipped: [] },
  });
  assertEquals((await read(moved)).folder, photos);
});

test("indexImages: a CLIP whose weights are broken is refused at the first image", async () => {
  const { folder, out } = await made(1), name = "visual_projection.weight";
  const weights = { ...clip.weights, [name]: tf.mul(clip.weights[name], NaN) as tf.Variable };
  await assertRejects(
    () => indexImages({ clip: { ...clip, weights }, folder, out }),
    Error,
    "Indexing failed: the feature of 0.jpg has numbers that are not finite; check the CLIP's weights.",
  );
  weights[name].dispose();
});

test("indexImages: stopped between batches it keeps what is encoded, and what a killed run began to write is removed", async () => {
  const { folder, out } = await made(10), stop = new AbortController();
  await assertRejects(() =>
    indexImages({
      ...{ clip, folder, out, signal: stop.signal },
      onProgress: (done, _total, note) => note === "encoding images" && done >= 3 && stop.abort(),
    })
  );
  const left = `${bucketPath(out, bucketOf("0.jpg"))}.123-4.part`;
  await Deno.writeTextFile(left, "half");
  await Deno.writeTextFile(`${out}/index.json.123-5.part`, "half");
  const report = await indexImages({ clip, folder, out });
  assert(report.encoded > 0 && report.encoded <= 7, `${report.encoded} encoded after a stop`);
  assertEquals(report.images, 10);
  assertEquals(
    (await Array.fromAsync(Deno.readDir(out))).filter(({ name }) => !/\.(safetensors|json)$/.test(name)),
    [],
  );
  // A damaged file is named, not used.
  const path = bucketPath(out, bucketOf("0.jpg")), bytes = await Deno.readFile(path);
  bytes[bytes.length - 1] ^= 1;
  await Deno.writeFile(path, bytes);
  await assertRejects(
    () => openImageIndex(out, { clip }),
    Error,
    `Reading ${path} failed: its checksum does not match`,
  );
});
