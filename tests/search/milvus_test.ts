/** An index in Milvus, against a real server of Milvus Lite. */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { embeddedModelFolder, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import {
  bucketCount,
  bucketOf,
  type IndexedFile,
  type IndexHeader,
  indexHeader,
  writeBucket,
  writeHeader,
} from "../../lib/search/index_buckets.ts";
import { milvusAddress } from "../../lib/search/milvus_address.ts";
import { connectMilvus } from "../../lib/search/milvus_client.ts";
import { openMilvusCollection } from "../../lib/search/milvus_collection.ts";
import { openImageIndex } from "../../lib/search/open_index.ts";
import { pushToMilvus } from "../../lib/search/push_to_milvus.ts";
import { search } from "../../lib/search/search.ts";
import { searchMilvus } from "../../lib/search/search_milvus.ts";
import { random } from "../../lib/tensors/random.ts";
import { runTask } from "../cli/run_command.ts";
import { imageFolder } from "./images.ts";
import { freePort, noMilvus, startMilvus } from "./milvus_server.ts";

const temporary = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener("unload", () => Deno.removeSync(temporary, { recursive: true }));

/** Registers a test that is skipped, with the reason, where there is no server. */
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({
    name: `${name}${noMilvus ? ` (skipped: ${noMilvus})` : ""}`,
    ignore: noMilvus !== undefined,
    fn,
    // The client of gRPC and the backend keep timers.
    sanitizeOps: false,
    sanitizeResources: false,
  });

await useDevice("wasm");
const { clip, phi } = await loadEmbeddedModel({ size: "small" }), P = clip.config.projectionWidth;

/** An index of made features; what an image's hash says decides its feature. */
async function writeIndex(name: string, images: readonly { id: string; hash: string }[]): Promise<string> {
  const out = `${temporary}/${name}`, header: IndexHeader = await indexHeader(clip, "/photos");
  await Deno.mkdir(out, { recursive: true });
  await writeHeader(out, header);
  const inBuckets = Map.groupBy(images, ({ id }) => bucketOf(id));
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const files = (inBuckets.get(bucket) ?? []).map(({ id, hash }): IndexedFile => ({ id, hash, size: 1, changed: 1 }));
    const draws = files.map(({ hash }) =>
      random([...hash].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0) | 0, 7))
    );
    const features = new Float32Array(files.length * P);
    draws.forEach((draw, row) => {
      for (let i = 0; i < P; i++) features[row * P + i] = draw.normal();
    });
    await writeBucket(out, bucket, { files, features }, header);
  }
  return out;
}

const images = Array.from({ length: 300 }, (_, i) => ({ id: `below/${i}.jpg`, hash: `h${i}` }));
const odd = { id: `ä "ü" \\ '🍎' %20.png`, hash: "odd" };

test("pushToMilvus, searchMilvus: the results of the index on disk, whatever the names; then what differs alone is written", async () => {
  await using server = await startMilvus(`${temporary}/same`);
  const address = `milvus://localhost:${server.port}/photos`, out = await writeIndex("same.index", [...images, odd]);
  assertEquals(await pushToMilvus(out, address), { images: 301, written: 301, removed: 0 });
  {
    await using collection = await openMilvusCollection(address);
    using index = await openImageIndex(out, { clip });
    assertEquals(await collection.count(), 301);
    const draw = random(5), features = Float32Array.from({ length: P }, () => draw.normal());
    for (const method of ["composed", "sum", "product", "image", "text"] as const) {
      for (const image of [odd.id, features]) {
        const query = { clip, phi, text: "is red", method, weight: 0.4, top: 8 };
        const row = typeof image === "string" ? index.ids.indexOf(image) : image;
        const [exact, found] = [
          await search(index, { ...query, image: row }),
          await searchMilvus(collection, { ...query, image }),
        ];
        assertEquals(found.map(({ id }) => id), exact.map(({ id }) => id));
        // 1e-5: the server's sums of 96 products in 32-bit floats.
        found.forEach(({ score }, i) => assertAlmostEquals(score, exact[i].score, 1e-5));
      }
    }
    // A phi that reads features as the CLIP gave them, whose norms the server keeps beside the normalised ones.
    const raw = { clip, phi: { ...phi, input: "raw" }, text: "is red", top: 8 } as const,
      row = index.ids.indexOf(odd.id);
    const [exact, found] = [
      await search(index, { ...raw, image: row }),
      await searchMilvus(collection, { ...raw, image: odd.id }),
    ];
    found.forEach(({ id, score }, i) => {
      assertEquals(id, exact[i].id);
      assertAlmostEquals(score, exact[i].score, 1e-5);
    });
    const refused = (query: Parameters<typeof searchMilvus>[1], sentence: string) =>
      assertRejects(() => searchMilvus(collection, query), Error, sentence);
    await refused({ image: "none.jpg" }, 'the collection has no image "none.jpg"');
    await refused({ image: Float32Array.of(1) }, `the image has 1 numbers, expected ${P}`);
    await refused({ image: odd.id, top: 16_385 }, "top is 16385; give a whole number from 1 to 16384");
  }
  await writeIndex("same.index", [...images.slice(2), { id: images[1].id, hash: "other" }, { id: "new", hash: "n" }]);
  assertEquals(await pushToMilvus(out, address), { images: 300, written: 2, removed: 2 });
  assertEquals(await pushToMilvus(out, address), { images: 300, written: 0, removed: 0 });
  const parts = [1, 2].map((index) => pushToMilvus(out, address, { shard: { index, of: 2 } }));
  assertEquals((await Promise.all(parts)).reduce((sum, { images }) => sum + images, 0), 300);
});

test("pushToMilvus: a server that dies half-way costs nothing: one sentence, and the next call writes what is missing", async () => {
  const folder = `${temporary}/dies`, port = freePort(), address = `milvus://127.0.0.1:${port}/photos`;
  const out = await writeIndex("dies.index", images);
  const sentence = `Milvus at 127.0.0.1:${port} does not answer`;
  await assertRejects(() => pushToMilvus(out, address), Error, sentence);
  const server = await startMilvus(folder, port);
  let killed: Promise<void> | undefined, buckets = 0;
  const error = await assertRejects(
    () =>
      pushToMilvus(out, address, {
        onProgress: (done) => void (done === 20 && (buckets = done, killed = server.kill())),
      }),
    Error,
    sentence,
  );
  assert(/is it running\? What it has is kept; run the command again\.$/.test(error.message), error.message);
  assertEquals(buckets, 20);
  await killed;
  await using _again = await startMilvus(folder, port);
  const { written } = await pushToMilvus(out, address);
  // What it had acknowledged is there; of the bucket in progress it may have some.
  assert(written > 0 && written < images.length, `${written} written`);
  await using collection = await openMilvusCollection(address);
  assertEquals(await collection.count(), images.length);
  assertEquals((await pushToMilvus(out, address)).written, 0);
});

test("openMilvusCollection: a missing collection, one of another program, of another CLIP or without norms is refused", async () => {
  await using server = await startMilvus(`${temporary}/others`);
  const at = (name: string) => `milvus://127.0.0.1:${server.port}/${name}`;
  await assertRejects(
    () => openMilvusCollection(at("none")),
    Error,
    'has no collection none; "deno task index" makes it',
  );
  const header = await indexHeader(clip, "/photos");
  await (await openMilvusCollection(at("other"), { create: { ...header, clip: "another" } }))[Symbol.asyncDispose]();
  const out = await writeIndex("others.index", images.slice(0, 3));
  await assertRejects(() => pushToMilvus(out, at("other")), Error, "was made with another CLIP or preprocessing");
  const foreign = { ...header, version: 2 } as unknown as IndexHeader;
  await assertRejects(
    () => openMilvusCollection(at("foreign"), { create: foreign }),
    Error,
    "is not an index of this toolkit; choose another name",
  );
  {
    await using connection = await connectMilvus(milvusAddress(at("old")));
    const { ask, types } = connection;
    await ask("making it", (client) =>
      client.createCollection({
        collection_name: "old",
        properties: { "rtd.index": JSON.stringify(header) },
        fields: [
          { name: "key", data_type: types.VarChar, is_primary_key: true, max_length: 64 },
          { name: "feature", data_type: types.FloatVector, dim: P },
        ],
      }));
  }
  await assertRejects(() => openMilvusCollection(at("old")), Error, "lacks the norms of the features, which phi needs");
});

test("index, search: the same commands with --index", async () => {
  await using server = await startMilvus(`${temporary}/commands`);
  const photos = await imageFolder(6);
  const model = embeddedModelFolder("small").pathname, index = `milvus://127.0.0.1:${server.port}/photos`;
  const run = (task: string, ...args: string[]) =>
    runTask(task, [...args, "--clip", model, "--index", index, "--device", "wasm"], {
      cwd: temporary,
      flags: [`--allow-net=127.0.0.1:${server.port}`],
    });
  const made = await run("index", photos, "--out", "photos.index");
  assertEquals(made.code, 0, made.text);
  assert(made.out.includes(`${index}: 6 images, 6 written now, 0 removed`), made.out);
  const found = await run("search", "--image", `${photos}/0.jpg`, "--text", "red", "--json");
  assertEquals(found.code, 0, found.text);
  const { frozen } = JSON.parse(found.out);
  assertEquals(frozen.length, 5);
  assertEquals(frozen[0].path, `${photos}/${frozen[0].id}`);
  const other = await runTask(
    "index",
    [
      ...[photos, "--out", "other.index", "--clip", embeddedModelFolder().pathname, "--index", index],
      "--device",
      "wasm",
    ],
    { cwd: temporary, flags: [`--allow-net=127.0.0.1:${server.port}`] },
  );
  assert(other.err.includes(`Reading the index ${index} failed: it was made with another CLIP`), other.err);
  assert(!other.text.includes("encoding images"), "images were encoded for a collection of another CLIP");
  await server.kill();
  const down = await run("search", "--text", "red");
  assertEquals(down.code, 1);
  assert(down.err.includes("does not answer (connecting, collection photos)"), down.err);
  await Deno.remove(photos, { recursive: true });
});
