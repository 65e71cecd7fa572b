import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type BenchmarkName, type BenchmarkPart, checkPart } from "../../lib/benchmarks/benchmark.ts";
import { bothOrders } from "../../lib/benchmarks/fashioniq.ts";
import { checkImages } from "../../lib/benchmarks/image_check.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { readImages } from "../../lib/clip/images/image_files.ts";
import type { Preprocessing } from "../../lib/clip/images/preprocess.ts";
import { layouts, shared, sharedIsThere } from "../evaluation/agreement.ts";
import { fuzz, mutateBytes, mutateJson } from "../io/fuzz.ts";
import { makeCirco, makeCirr, makeCoco, makeFashioniq, makeGenecis } from "./miniature.ts";

const photos = `${shared}/coco-photos-CC-BY-2.0/`;
const arePhotosThere = await Deno.stat(photos).then(() => true, () => false);

Deno.test({
  name: `openBenchmark: the real annotations have the published counts${
    sharedIsThere ? "" : " (skipped: ../shared/data is absent)"
  }`,
  ignore: !sharedIsThere,
  async fn() {
    const folder = await Deno.makeTempDir(), roots = await layouts(folder, shared);
    const counts = async (name: Exclude<BenchmarkName, "coco">, split: string) =>
      (await openBenchmark({ benchmark: name, root: roots[name], split })).map(({ part, queries, gallery }) => [
        part,
        queries.length,
        gallery.length,
      ]);
    assertEquals(await counts("cirr", "val"), [["cirr", 4181, 2297]]);
    assertEquals(await counts("cirr", "test1"), [["cirr", 4148, 2315]]);
    assertEquals(await counts("circo", "val"), [["circo", 220, 123_403]]);
    assertEquals(await counts("circo", "test"), [["circo", 800, 123_403]]);
    assertEquals((await counts("fashioniq", "val")).map(([, queries]) => queries), [2017, 2038, 1961]);
    assertEquals((await counts("fashioniq", "test")).map(([, , images]) => images), [3818, 6346, 5374]);
    assertEquals(await counts("genecis", "focus_object"), [["focus_object", 1960, 2198]]);
    await assertRejects(
      () => counts("genecis", "all"),
      Error,
      "genecis/focus_attribute.json failed: there is no such file",
    );
    await assertRejects(() => counts("cirr", "test"), Error, 'there is no split "test"; there are val, test1');
    const [cirr] = await openBenchmark({ benchmark: "cirr", root: roots.cirr, split: "val" });
    assertEquals(cirr.queries[0].group?.length, 5);
    assert(!cirr.queries[0].group!.includes(cirr.queries[0].reference));
    assertEquals(cirr.images.get("dev-244-0-img0"), { paths: ["dev/dev-244-0-img0.png"] });
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("bothOrders: FashionIQ's captions are stripped of .?, and spaces, and joined in both orders", () => {
  assertEquals(bothOrders([" is shiny, and silver. ", "fit and flare?"]), [
    "is shiny, and silver and fit and flare",
    "fit and flare and is shiny, and silver",
  ]);
});

/** A miniature whose file is changed before it is read. */
async function broken(
  make: typeof makeCirr,
  file: string,
  // deno-lint-ignore no-explicit-any
  change: (json: any) => unknown,
  read: (root: string) => Promise<unknown>,
  sentence: string,
): Promise<void> {
  const root = await Deno.makeTempDir();
  await make(root, false);
  const path = `${root}/${file}`;
  await Deno.writeTextFile(path, JSON.stringify(change(JSON.parse(await Deno.readTextFile(path)))));
  await assertRejects(() => read(root), Error, sentence);
  await Deno.remove(root, { recursive: true });
}

Deno.test("openBenchmark: an annotation that is of another version, or contradicts itself, is one sentence", async () => {
  const open = (name: BenchmarkName, split: string) => (root: string) =>
    openBenchmark({ benchmark: name, root, split, counts: "as-found" });
  const captions = "cirr/captions/cap.rc2.val.json", splits = "cirr/image_splits/split.rc2.val.json";
  const cirr = (file: string, change: Parameters<typeof broken>[2], sentence: string) =>
    broken(makeCirr, file, change, open("cirr", "val"), sentence);
  await cirr(captions, (rows) => [...rows, rows[3]], "the query id 103 is given twice");
  await cirr(captions, (rows) => rows.map(({ pairid: _, ...row }: { pairid: number }) => row), '"pairid" is undefined');
  await cirr(
    captions,
    (rows) => [{ ...rows[0], target_hard: "dev-x" }],
    'the image "dev-x" of query 100 is not in the split',
  );
  await cirr(captions, (rows) => [{ ...rows[0], reference: "dev-x" }], 'the reference "dev-x" of query 100 is not in');
  await cirr(captions, () => ({ data: [] }), "it is no list of rows; is it another version?");
  await cirr(captions, (rows) => [[], ...rows], "it is no list of rows; is it another version?");
  await cirr(splits, () => [1, 2], "it is no object from names to paths");
  await broken(
    makeCirco,
    "annotations/val.json",
    (rows) => [{ ...rows[0], gt_img_ids: [...rows[0].gt_img_ids].reverse() }],
    open("circo", "val"),
    "target_img_id of query 0 is not the first of its gt_img_ids",
  );
  await broken(
    makeFashioniq,
    "captions/cap.dress.val.json",
    (rows) => [{ ...rows[0], captions: ["one"] }],
    open("fashioniq", "val"),
    "query 0 has 1 captions, expected 2",
  );
  await broken(
    makeFashioniq,
    "image_splits/split.shirt.val.json",
    (ids) => [...ids, ids[5]],
    open("fashioniq", "val"),
    'the image "B0005" is in the gallery twice',
  );
  await broken(
    makeGenecis,
    "genecis/change_attribute.json",
    (rows) => [{ ...rows[0], target: { val_image_id: 5 } }],
    open("genecis", "change_attribute"),
    "has no image_id with an instance_bbox",
  );
  const root = await Deno.makeTempDir();
  await assertRejects(
    () => openBenchmark({ benchmark: "cirr", root, split: "val" }),
    Error,
    "there is no such file; README.md says",
  );
  await Deno.mkdir(`${root}/cirr/captions`, { recursive: true });
  await Deno.writeTextFile(`${root}/${captions}`, "[{");
  await assertRejects(
    () => openBenchmark({ benchmark: "cirr", root, split: "val" }),
    Error,
    "it is not JSON; is it whole?",
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("checkPart: a part is checked however it was made", () => {
  const part: BenchmarkPart = {
    benchmark: "circo",
    split: "val",
    part: "circo",
    gallery: ["a", "b"],
    images: new Map([["a", { paths: ["a.png"] }], ["b", { paths: ["b.png"] }]]),
    queries: [{ id: "1", reference: "a", texts: ["x"], targets: ["b"], excluded: [] }],
  };
  assertEquals(checkPart(part), part);
  assertThrows(() => checkPart({ ...part, gallery: ["a", "a"] }), Error, 'the image "a" is in the gallery twice');
  const several = (galleries: [string, string[]][], gallery?: string): BenchmarkPart => ({
    ...part,
    galleries: new Map(galleries),
    queries: [{ ...part.queries[0], gallery }],
  });
  assertEquals(checkPart(several([["one", ["b"]]], "one")).galleries?.size, 1);
  const broken: [BenchmarkPart, string][] = [
    [several([["one", ["b", "b"]]], "one"), 'the image "b" of the gallery "one" is named twice'],
    [several([["one", ["b", "c"]]], "one"), 'the image "c" of the gallery "one" is not in the split'],
    [several([["one", ["b"]]], "two"), 'query 1 ranks the gallery "two", which is none'],
    [several([["one", ["b"]]]), "query 1 ranks the gallery undefined, which is none"],
    [several([["one", ["b"]], ["two", ["a"]]], "two"), 'the image "b" of query 1 is not in the split'],
  ];
  for (const [part, sentence] of broken) assertThrows(() => checkPart(part), Error, sentence);
});

/** Writes JSON below a folder. */
async function write(root: string, path: string, json: unknown): Promise<void> {
  await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
  await Deno.writeTextFile(`${root}/${path}`, JSON.stringify(json));
}

Deno.test("openBenchmark: CIRR's groups have six members, the reference among them, and any size as found", async () => {
  const root = await Deno.makeTempDir();
  const names = Array.from({ length: 2297 }, (_, i) => `dev-${i}`);
  const row = (id: number, members: string[]) => ({
    ...{ pairid: id, reference: "dev-0", target_hard: "dev-1", caption: "x", img_set: { members } },
  });
  const rows = Array.from({ length: 4181 }, (_, id) => row(id, names.slice(0, 6)));
  await write(
    root,
    "cirr/image_splits/split.rc2.val.json",
    Object.fromEntries(names.map((n) => [n, `./dev/${n}.png`])),
  );
  const open = async (changed: object, counts: "published" | "as-found" = "published") => {
    await write(root, "cirr/captions/cap.rc2.val.json", [changed, ...rows.slice(1)]);
    return await openBenchmark({ benchmark: "cirr", root, split: "val", counts });
  };
  const [{ queries }] = await open(rows[0]);
  assertEquals(queries[0].group, names.slice(1, 6));
  const small = row(0, ["dev-0", "dev-1"]);
  await assertRejects(
    () => open(small),
    Error,
    "Reading CIRR val, query 0 failed: it has 2 members in its group, published are 6; is it another version?",
  );
  assertEquals((await open(small, "as-found"))[0].queries[0].group, ["dev-1"]);
  await assertRejects(
    () => open(row(0, names.slice(1, 7))),
    Error,
    "it has 6 of them beside its reference, published are 5",
  );
  await assertRejects(
    () => open(row(0, ["dev-0", "dev-2"]), "as-found"),
    Error,
    "target of query 0 is not in its group",
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: the galleries of GeneCIS' object tasks have 14 other images, each once, and any number as found", async () => {
  const root = await Deno.makeTempDir();
  const image = (id: number) => ({ val_image_id: id });
  const row = (others: number[]) => ({
    condition: "x",
    reference: image(1),
    target: image(2),
    gallery: others.map(image),
  });
  const others = Array.from({ length: 14 }, (_, i) => 3 + i);
  const open = async (first: number[], counts: "published" | "as-found" = "published") => {
    const rows = [row(first), ...Array(1959).fill(row(others))];
    await write(root, "genecis/change_object.json", rows);
    return await openBenchmark({ benchmark: "genecis", root, split: "change_object", counts });
  };
  assertEquals((await open(others))[0].queries[0].group?.length, 15);
  // One published query lists its own target among the others.
  assertEquals((await open([2, ...others.slice(1)]))[0].queries[0].group?.length, 14);
  await assertRejects(
    () => open([3]),
    Error,
    "Reading GeneCIS change_object, query 0 failed: it has 1 other images in its gallery, published are 14",
  );
  assertEquals((await open([3], "as-found"))[0].queries[0].group, ["2", "3"]);
  await assertRejects(() => open(Array(14).fill(2)), Error, "the gallery of query 0 lists an image twice");
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: a box or a polygon that is none, or lies outside its image, is one sentence with its object", async () => {
  const coco = (change: Record<string, unknown>, sentence: string) =>
    broken(
      makeCoco,
      "annotations/instances_val2017.json",
      ({ images, annotations, categories }) => ({
        images,
        annotations: annotations.map((row: { id: number }) => row.id === 0 ? { ...row, ...change } : row),
        categories,
      }),
      (root) => openBenchmark({ benchmark: "coco", root, split: "val", counts: "as-found" }),
      sentence,
    );
  const object = "annotations/instances_val2017.json failed: the object 0 has ";
  await coco({ bbox: [2, 1, null, 5] }, `${object}no bbox of four numbers`);
  await coco({ bbox: [95, 1, 3, 5] }, `${object}the box [95,1,3,5], which lies outside its 90 x 50 image`);
  await coco({ segmentation: [] }, `${object}an outline that is no list of polygons`);
  await coco(
    { segmentation: [[2, 1, 46, 1]] },
    `${object}an outline whose polygon 0 has 4 numbers, expected are pairs`,
  );
  await coco({ segmentation: [[2, 1, 46, 1, 46, 45, 2]] }, `${object}an outline whose polygon 0 has 7 numbers`);
  await coco({ segmentation: [[2, "1", 46, 1, 46, 45]] }, `${object}an outline whose polygon 0 is no list of numbers`);
  await coco(
    { segmentation: [[92, 1, 99, 1, 99, 45]] },
    `${object}an outline whose polygon 0 lies outside its 90 x 50`,
  );
  await coco({ segmentation: [[60, 1, 70, 1, 70, 45]] }, `${object}an outline whose polygon 0 lies outside its bbox`);
  const genecis = (instance_bbox: unknown, sentence: string) =>
    broken(
      makeGenecis,
      "genecis/focus_attribute.json",
      (rows) => [{ ...rows[0], target: { ...rows[0].target, instance_bbox } }],
      (root) => openBenchmark({ benchmark: "genecis", root, split: "focus_attribute", counts: "as-found" }),
      sentence,
    );
  await genecis([20, 30, 0, 40], "with the instance_bbox [20,30,0,40] has no area");
  await genecis([20, 30, -40, 40], "with the instance_bbox [20,30,-40,40] has no area");
  await genecis([-200, 30, 40, 40], "lies outside its image");
  await genecis([0, 0, 1e9, 1e9], "pixels, the most are 89478485");
});

/** COCO's miniature after a change of its first two objects, in the image 900. */
async function cocoWith(...changes: object[]) {
  const root = await Deno.makeTempDir();
  await makeCoco(root, false);
  const path = `${root}/annotations/instances_val2017.json`, json = JSON.parse(await Deno.readTextFile(path));
  changes.forEach((change, i) => Object.assign(json.annotations[i], change));
  await Deno.writeTextFile(path, JSON.stringify(json));
  const [part] = await openBenchmark({ benchmark: "coco", root, split: "val", counts: "as-found" });
  await Deno.remove(root, { recursive: true });
  return part;
}

Deno.test("readCoco: one object an image is drawn by the released rules, and its text names its own class first", async () => {
  const { gallery, images, queries } = await cocoWith();
  // The fourth image's objects are both larger than half of it: it is no query and is not ranked.
  assertEquals(gallery, [...Array(40).keys()].filter((i) => i !== 3).map((i) => String(900 + i)));
  assertEquals(queries.slice(0, 3).map(({ reference, texts, targets }) => [reference, texts, targets]), [
    ["900:0", ["drawing and red triangle"], ["900"]],
    ["901:2", ["drawing and blue triangle"], ["901"]],
    // One class alone: the released program's text ends in "and".
    ["902:4", ["drawing and "], ["902"]],
  ]);
  // Edges are cut towards 0: from 2.5 and 1.5 to 45.5 and 44.5.
  const { crop, outline, squash } = images.get("900:0")!;
  assertEquals([crop, outline, squash], [[2, 1, 43, 43], [[2, 1, 46, 1, 46, 45, 2, 45]], true]);
  assertEquals(images.size, 2 * gallery.length);
});

Deno.test("readCoco: an object of more than 0.05 pixels may be drawn, and one of half of the image may not", async () => {
  const ids = async (...changes: object[]) => (await cocoWith(...changes)).queries.map(({ id }) => id);
  // 0.04 pixels; 4 pixels in no whole one, at which the released program would stop; half of the 4500 pixels.
  assertEquals((await ids({ bbox: [10, 10, 0.2, 0.2] }))[0], "901:2");
  assertEquals((await ids({ bbox: [10.1, 1, 0.8, 5] }))[0], "901:2");
  assertEquals((await ids({ bbox: [0, 0, 45, 50] }))[0], "901:2");
  assertEquals((await ids({ bbox: [1.9, 1.9, 0.3, 0.3], segmentation: [[1, 1, 3, 1, 3, 3]] }))[0], "900:0");
  // A crowd may be drawn too; which of two is drawn depends on the seed alone.
  const both = { bbox: [5, 5, 30, 30] }, drawn = await ids({}, both);
  assertEquals(await ids({}, both), drawn);
  assertEquals(["900:0", "900:1"].includes(drawn[0]), true);
});

Deno.test({
  name: `readCoco: real photographs and outlines are read, and every object is cut out${
    arePhotosThere ? "" : " (skipped: ../shared/data/coco-photos-CC-BY-2.0 is absent)"
  }`,
  ignore: !arePhotosThere,
  async fn() {
    const root = await Deno.makeTempDir();
    await Deno.mkdir(`${root}/annotations`);
    await Deno.copyFile(`${photos}annotations/instances.json`, `${root}/annotations/instances_val2017.json`);
    await Deno.symlink(`${photos}images`, `${root}/val2017`);
    const [part] = await openBenchmark({ benchmark: "coco", root, split: "val", counts: "as-found" });
    // One of the 29 photographs has one object alone, larger than half of it.
    assertEquals([part.queries.length, part.gallery.length], [28, 28]);
    const { found, missing, unreadable } = await checkImages(root, [part], { decode: true });
    assertEquals([found.length, missing, unreadable], [56, [], []]);
    const queries = found.filter(({ outline }) => outline), size = 32;
    const preprocessing: Preprocessing = { size, mean: [0, 0, 0], standardDeviation: [1, 1, 1] };
    const pixels = await readImages({ preprocessing }, queries);
    const share = (i: number) => {
      const own = pixels.subarray(i * size ** 2 * 3, (i + 1) * size ** 2 * 3);
      return own.filter((value) => value === 1).length / own.length;
    };
    // White outside of every outline, and none is white alone.
    const shares = queries.map((_, i) => share(i));
    assertEquals(shares.filter((white) => white > 0.02 && white < 0.98).length, queries.length);
    await Deno.remove(root, { recursive: true });
  },
});

Deno.test("openBenchmark: GeneCIS' attribute tasks keep the boxes as they are given, and dilate them when images are read", async () => {
  const root = await Deno.makeTempDir();
  await makeGenecis(root, false);
  const path = `${root}/genecis/focus_attribute.json`, rows = JSON.parse(await Deno.readTextFile(path));
  rows[0].target.instance_bbox = [20.5, 30.25, 39.5, 40.125];
  await Deno.writeTextFile(path, JSON.stringify(rows));
  const [{ images, queries }] = await openBenchmark({
    benchmark: "genecis",
    root,
    split: "focus_attribute",
    counts: "as-found",
  });
  const { crop, dilation } = images.get(queries[0].targets[0])!;
  assertEquals([crop, dilation], [[20.5, 30.25, 39.5, 40.125], 0.7]);
  const { crop: whole, dilation: alike } = images.get(queries[0].reference)!;
  assertEquals([whole, alike], [[20, 30, 40, 40], 0.7]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: a byte-order mark is no text, and another encoding is named", async () => {
  const root = await Deno.makeTempDir();
  await makeCirr(root, false);
  const path = `${root}/cirr/captions/cap.rc2.val.json`, text = await Deno.readTextFile(path);
  const [before] = await openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" });
  await Deno.writeTextFile(path, `\ufeff${text}`);
  assertEquals(
    (await openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" }))[0].queries,
    before.queries,
  );
  await Deno.writeFile(path, Uint8Array.of(0xff, 0xfe, 0x5b, 0));
  await assertRejects(
    () => openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" }),
    Error,
    `${path} failed: it is UTF-16 text`,
  );
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: mutated annotations are read or refused in one sentence", async () => {
  const cases = [
    ["cirr", "val", makeCirr, ["cirr/captions/cap.rc2.val.json", "cirr/image_splits/split.rc2.val.json"]],
    ["circo", "val", makeCirco, [
      "annotations/val.json",
      "COCO2017_unlabeled/annotations/image_info_unlabeled2017.json",
    ]],
    ["fashioniq", "val", makeFashioniq, ["captions/cap.shirt.val.json", "image_splits/split.dress.val.json"]],
    ["genecis", "all", makeGenecis, ["genecis/focus_object.json", "genecis/change_attribute.json"]],
    ["coco", "val", makeCoco, ["annotations/instances_val2017.json"]],
  ] as const;
  for (const [name, split, make, files] of cases) {
    const root = await Deno.makeTempDir();
    await make(root, false);
    for (const [i, file] of files.entries()) {
      const path = `${root}/${file}`,
        whole = await Deno.readFile(path),
        json = JSON.parse(new TextDecoder().decode(whole));
      const read = async (bytes: Uint8Array) => {
        await Deno.writeFile(path, bytes);
        await openBenchmark({ benchmark: name, root, split, counts: "as-found" });
      };
      const task = { file: "Reading ", rounds: 150, seed: 30 + i };
      await fuzz({ ...task, read, corpus: [whole], mutate: mutateBytes });
      await fuzz({
        ...task,
        corpus: [json],
        mutate: mutateJson,
        read: (value: unknown) => read(new TextEncoder().encode(JSON.stringify(value) ?? "")),
      });
      await Deno.writeFile(path, whole);
    }
    await Deno.remove(root, { recursive: true });
  }
});
