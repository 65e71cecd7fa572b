/** `index` and `search` as a user runs them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { saveTextEncoder } from "../../lib/clip/files/text_folder.ts";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { bucketCount, bucketPath, readBucket, readHeader } from "../../lib/search/index_buckets.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { imageFolder, writeImage } from "../search/images.ts";
import { device, runTask, startTask } from "./run_command.ts";

const clip = embeddedModelFolder("small").pathname, phi = `${clip}${phiFile("LinCIR")}`;
const cwd = await Deno.realPath(await Deno.makeTempDir()), photos = await imageFolder(8);
globalThis.addEventListener("unload", () => {
  for (const folder of [cwd, photos]) Deno.removeSync(folder, { recursive: true });
});
const task = (name: string, ...args: string[]) => runTask(name, args, { cwd });
const index = (folder: string, out: string, ...more: string[]) =>
  task("index", folder, "--clip", clip, "--out", out, "--device", device, ...more);
const search = (...args: string[]) => task("search", ...args, "--clip", clip, "--device", device);

// The backend keeps its files open for the life of the process.
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });

test("index, search: a folder of images is indexed, and searched by image and text", async () => {
  await Deno.writeTextFile(`${photos}/broken.png`, "no image");
  const made = await index(photos, "photos.index");
  assertEquals(made.code, 0, made.text);
  assertStringIncludes(made.out, "photos.index: 8 images, 8 encoded now, ");
  assertStringIncludes(made.out, "1 skipped\n  skipped broken.png: Decoding ");
  const again = await index(photos, "photos.index");
  assertStringIncludes(again.out, "photos.index: 8 images, 0 encoded now, 0 forgotten, 1 skipped");

  const byName = await search("photos.index", "--phi", phi, "--image", "0.jpg", "--text", "is red", "--top", "3");
  assertEquals(byName.code, 0, byName.text);
  assertStringIncludes(byName.out, `below ${photos}`);
  assertEquals(byName.out.match(/^\d\. /gm), ["1. ", "2. ", "3. "]);
  assert(!byName.out.includes(" 0.jpg "), "the reference is among its own results");
  // By its path it is the same image; a copy elsewhere finds it first.
  const hits = async (...args: string[]) => {
    const { code, out, text } = await search("photos.index", "--json", ...args);
    assertEquals(code, 0, text);
    return JSON.parse(out);
  };
  const { frozen } = await hits("--image", `${photos}/0.jpg`);
  assertEquals(frozen.length, 7);
  await Deno.copyFile(`${photos}/0.jpg`, `${cwd}/copy.jpg`);
  const [first] = (await hits("--image", "copy.jpg")).frozen;
  assertEquals([first.id, first.path], ["0.jpg", `${photos}/0.jpg`]);
  assert(first.score > 0.9999, `${first.score}`);
  // The frozen encoder, saved as a fine-tuned one: the same results twice.
  await useDevice("wasm");
  const model = await loadClip(clip, { towers: "text" });
  await saveTextEncoder(`${cwd}/encoder`, { clip: model, weights: model.weights });
  disposeWeights(model.weights);
  const both = await hits("--phi", phi, "--image", "0.jpg", "--text", "is red", "--text-encoder", "encoder");
  assertEquals(both.frozen, both.fineTuned);

  const long = await search("photos.index", "--text", "red ".repeat(100));
  assertStringIncludes(long.err, "tokens that the model reads: its end may be cut.");
});

Deno.test("index, search: what cannot be done is said in a sentence", async () => {
  const refused = ({ code, err }: { code: number; err: string }, ...sentences: string[]) => {
    assertEquals(code, 1, err);
    for (const sentence of sentences) assertStringIncludes(err, sentence);
  };
  refused(
    await search("none.index"),
    "for 2 reasons",
    "There is nothing to search by: give --image, --text, or both.",
    `there is no file ${cwd}/none.index/index.json; is this the folder of an index?`,
  );
  refused(await search("--text", "red"), "either the folder of an index or --index milvus://HOST:PORT/NAME");
  refused(
    await search("photos.index", "--image", "none.jpg"),
    `there is no file ${cwd}/none.jpg, and the index has no "none.jpg".`,
  );
  refused(
    await search("photos.index", "--image", "https://example.org/a.jpg"),
    "this command may not reach example.org; start it with --allow-net=example.org, or save the image.",
  );
  refused(
    await search("--index", "milvus://db.example.org/photos", "--text", "red"),
    "this command may not reach db.example.org; start it with --allow-net=db.example.org.",
  );
  refused(
    await search("--index", "milvus://me:secret@localhost/photos", "--text", "red"),
    "a password in it would be seen: set MILVUS_TOKEN instead",
  );
  refused(await search("photos.index", "--text", "red", "--method", "composed"), "--method composed needs --phi");
  const base = embeddedModelFolder().pathname;
  refused(
    await task("search", "photos.index", "--text", "red", "--clip", base, "--device", device),
    "it was made with another CLIP (with weights of the SHA-256",
  );
  refused(await index("nowhere", "x.index"), `Reading ${cwd}/nowhere failed: there is no such file or folder.`);
  await Deno.mkdir(`${cwd}/empty`);
  refused(await index("empty", "x.index"), `${cwd}/empty holds none (JPEG, PNG, WebP`);
  await Deno.writeTextFile(`${cwd}/empty/new\nline\u001b[31m.png`, "no image");
  refused(
    await index("empty", "x.index"),
    "x.index has no image, since none of",
    "could be read; see the reasons above.",
  );
  refused(
    await search("photos.index", "--text", "red", "--images", "nowhere"),
    `Reading ${cwd}/nowhere failed: there is no such file or folder.`,
  );
  refused(await index(photos, "x.index", "--shard", "3/2"), "is not a share such as 3/8, counted from 1");
  using _lock = await lockFile(bucketPath(`${cwd}/photos.index`, 0), "Testing");
  refused(
    await index(photos, "photos.index"),
    `Indexing failed: another process is at work on ${cwd}/photos.index/images-00.safetensors`,
  );
});

Deno.test("index: killed at several moments it goes on, and has the features of a run that was not disturbed", async () => {
  await Deno.mkdir(`${cwd}/many`);
  await Promise.all(Array.from({ length: 400 }, (_, i) => writeImage(`${cwd}/many/${i}.png`, i)));
  assertEquals((await index("many", "whole.index")).code, 0);
  const written = () => {
    try {
      return [...Deno.readDirSync(`${cwd}/killed.index`)].filter(({ name }) => name.endsWith(".safetensors")).length;
    } catch {
      return 0;
    }
  };
  for (const moment of [5, 20, 40]) {
    const args = ["many", "--clip", clip, "--out", "killed.index", "--device", device];
    const child = startTask("index", args, { cwd });
    while (written() < moment) await new Promise((go) => setTimeout(go, 2));
    child.kill("SIGKILL");
    await child.output();
    assert(written() < bucketCount, "it was killed too late to test anything");
  }
  const last = await index("many", "killed.index"), [, encoded] = last.out.match(/400 images, (\d+) encoded now/)!;
  assert(Number(encoded) < 300, `what the killed runs encoded was encoded again: ${last.out}`);
  const header = await readHeader(`${cwd}/whole.index`);
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const [a, b] = await Promise.all(
      ["whole", "killed"].map((name) => readBucket(`${cwd}/${name}.index`, bucket, header)),
    );
    assertEquals(b, a);
  }
  const left = [...Deno.readDirSync(`${cwd}/killed.index`)].filter(({ name }) => /\.(part|lock)$/.test(name));
  assertEquals(left, []);
});
