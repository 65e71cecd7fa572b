import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type BenchmarkName, type BenchmarkPart, checkPart } from "../../lib/benchmarks/benchmark.ts";
import { bothOrders } from "../../lib/benchmarks/fashioniq.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { layouts, shared, sharedIsThere } from "../evaluation/agreement.ts";
import { makeCirco, makeCirr, makeFashioniq, makeGenecis } from "./miniature.ts";

Deno.test({
  name: `openBenchmark: the real annotations have the published counts${
    sharedIsThere ? "" : " (skipped: ../shared/data is absent)"
  }`,
  ignore: !sharedIsThere,
  async fn() {
    const folder = await Deno.makeTempDir(), roots = await layouts(folder, shared);
    const counts = async (name: Exclude<BenchmarkName, "coco">, split: string) =>
      (await openBenchmark(name, roots[name], split)).map(({ part, queries, gallery }) => [
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
    const [cirr] = await openBenchmark("cirr", roots.cirr, "val");
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
  const open = (name: BenchmarkName, split: string) => (root: string) => openBenchmark(name, root, split, "as-found");
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
  await assertRejects(() => openBenchmark("cirr", root, "val"), Error, "there is no such file; README.md says");
  await Deno.mkdir(`${root}/cirr/captions`, { recursive: true });
  await Deno.writeTextFile(`${root}/${captions}`, "[{");
  await assertRejects(() => openBenchmark("cirr", root, "val"), Error, "it is not JSON; is it whole?");
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
});
