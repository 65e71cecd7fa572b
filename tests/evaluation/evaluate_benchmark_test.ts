import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";
import { textShapes } from "../../lib/clip/model/shapes.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { openBenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import { evaluateBenchmark, evaluateData } from "../../lib/evaluation/evaluate_benchmark.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { cirrCaptions, makeCirr, makeFashioniq, sizes } from "../benchmarks/miniature.ts";

await useDevice("wasm");
const { clip, phi } = await loadEmbeddedModel({ size: "small" });
const folder = await Deno.makeTempDir(), root = `${folder}/cirr`, cache = `${folder}/cache`;
await makeCirr(root);
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const cirr = { benchmark: "cirr", root, counts: "as-found", clip, phi, cache } as const;

/** Rows as plain arrays of unit length. */
async function unitRows(features: tf.Tensor2D): Promise<number[][]> {
  return (await features.array()).map((row) => row.map((value) => value / Math.hypot(...row)));
}

Deno.test("evaluateBenchmark: the figures are those of a ranking computed directly from the files", async () => {
  const { rows, data, encodedImages, cutTexts } = await evaluateBenchmark({ ...cirr, methods: ["phi + text"] });
  assertEquals([rows.map(({ name }) => name), encodedImages, data.marks, cutTexts], [["phi + text"], 40, [], 0]);
  assertEquals(data.stamps, ["Counts as found, not compared with the published ones."]);

  const [part] = await openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" });
  const files = part.gallery.map((id) => ({ id, path: `${root}/${part.images.get(id)!.paths[0]}` }));
  const { features } = await encodeImageFiles(clip, files, { cache: `${folder}/another-cache` });
  const references = part.queries.map(({ reference }) => part.gallery.indexOf(reference));
  const pseudoTokens = applyPhi(phi, tf.gather(features, references));
  const texts = part.queries.map(({ texts }) => `a photo of [$] that ${texts[0]}`);
  const [queries, images] = [
    await unitRows(await encodeTexts(clip, texts, { pseudoTokens })),
    await unitRows(features),
  ];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  part.queries.forEach(({ id, reference, targets, group }, i) => {
    const scores = new Map(part.gallery.map((image, k) => [image, dot(queries[i], images[k])]));
    const sorted = (ids: readonly string[]) =>
      ids.filter((image) => image !== reference).sort((a, b) => scores.get(b)! - scores.get(a)!);
    const found = rows[0].results[i], order = sorted(part.gallery);
    assertEquals([found.query, found.ranks], [id, [order.indexOf(targets[0]) + 1]]);
    assertEquals([found.top, found.group], [order, sorted(group!)]);
    assertEquals(found.groupRank, sorted(group!).indexOf(targets[0]) + 1);
  });
  const share = (hits: boolean[]) => 100 * hits.filter(Boolean).length / hits.length;
  const { metrics, intervals } = rows[0].parts.cirr;
  assertEquals(metrics["R@5"], share(rows[0].results.map(({ ranks }) => ranks[0]! <= 5)));
  assertEquals(metrics["Rs@1"], share(rows[0].results.map(({ groupRank }) => groupRank === 1)));
  assert(intervals["R@5"].low <= metrics["R@5"] && metrics["R@5"] <= intervals["R@5"].high);
  assertEquals(rows[0].mean, undefined);
});

Deno.test("evaluateBenchmark: every method, a fine-tuned encoder, stages, cached features and finished rows", async () => {
  const names = Object.keys(textShapes(clip.config));
  const weights = Object.fromEntries(
    names.map((name) => [name, name === "text_projection.weight" ? tf.neg(clip.weights[name]) : clip.weights[name]]),
  );
  const textEncoder = { weights, hash: "made" } as never;
  const stages = new Set<string>(), told: string[] = [], own = { ...cirr, cache: `${folder}/stages` };
  const { rows, encodedImages, featuresHash } = await evaluateBenchmark({
    ...own,
    textEncoder,
    onStage: (stage, done, total) => void (stages.add(stage), assert(done <= total)),
    onRow: ({ name }) => void told.push(name),
  });
  const baselines = ["image only", "text only", "image + text sum", "image x text product"];
  const wanted = [...baselines, "phi + text", "phi + text, fine-tuned encoder"];
  assertEquals([rows.map(({ name }) => name), told, encodedImages], [wanted, wanted, 40]);
  assertEquals(rows.map(({ fineTuned }) => fineTuned), [false, false, false, false, false, true]);
  assertEquals([...stages], ["encoding images", ...wanted]);
  // A projection of the other sign turns the queries round: what was last is first.
  const [frozen, turned] = rows.slice(4).map(({ results }) => results[0].top);
  assertEquals(turned, [...frozen].reverse());

  let encoded = 0;
  const again = await evaluateBenchmark({
    ...own,
    textEncoder,
    methods: ["phi + text"],
    finished: (name) => Promise.resolve(name === "phi + text" ? rows[4].results : undefined),
    onStage: (stage) => void (stage === "phi + text" && encoded++),
  });
  assertEquals([encoded, again.encodedImages, again.rows[0].results], [0, 0, rows[4].results]);
  assertEquals([again.rows[1].parts, again.featuresHash], [rows[5].parts, featuresHash]);

  // One image that is another one, encoded anew: the hash tells, whatever the figures do.
  const files = (await openBenchmarkData(cirr)).files, [first, second] = files.map(({ path }) => path);
  const kept = await Deno.readFile(first), { mtime } = await Deno.stat(first);
  await Deno.copyFile(second, first);
  const changed = await evaluateBenchmark({ ...cirr, methods: ["image only"], cache: `${folder}/changed` });
  assertNotEquals(changed.featuresHash, featuresHash);
  await Deno.writeFile(first, kept);
  await Deno.utime(first, mtime!, mtime!); // as the other tests' cached features know it
  const back = await evaluateBenchmark({ ...cirr, methods: ["image only"], cache: `${folder}/back` });
  assertEquals(back.featuresHash, featuresHash);
  tf.dispose(weights["text_projection.weight"]);
});

Deno.test("evaluateBenchmark: finished rows of other queries are refused by name, and nothing is kept", async () => {
  const { rows } = await evaluateBenchmark({ ...cirr, methods: ["image only"] }), [{ results }] = rows;
  const foreign = { ...results[0], query: "foreign", ranks: [1] }, kept = tf.memory().numTensors;
  const broken: [typeof results, string][] = [
    [[foreign], `there are 1 results of ${sizes.queries} queries`],
    [[foreign, ...results.slice(1)], `result 1 is of the query "cirr/foreign", expected is "cirr/${results[0].query}"`],
    [results.map((result) => ({ ...result, part: "dress" })), `expected is "cirr/${results[0].query}"`],
  ];
  for (const [earlier, sentence] of broken) {
    const options = { ...cirr, methods: ["image only" as const], finished: () => Promise.resolve(earlier) };
    const error = await assertRejects(() => evaluateBenchmark(options), Error, sentence);
    assert(error.message.startsWith('Resuming the row "image only" failed: '), error.message);
  }
  assertEquals(tf.memory().numTensors, kept);
});

Deno.test("evaluateBenchmark: a limit keeps the first queries of each part and is stamped on the figures", async () => {
  const whole = await evaluateBenchmark({ ...cirr, methods: ["phi + text"] });
  const { rows, data } = await evaluateBenchmark({ ...cirr, methods: ["phi + text"], limit: 5 });
  assertEquals(rows[0].results, whole.rows[0].results.slice(0, 5));
  assertEquals([data.marks, data.stamps[0]], [["LIMITED"], "LIMITED to the first 5 queries of each part."]);
  for (const limit of [0, 1.5, -1]) {
    const sentence = `Opening cirr failed: limit is ${limit}, expected a whole number from 1.`;
    await assertRejects(() => evaluateBenchmark({ ...cirr, limit }), Error, sentence);
  }
  const fashioniq = `${folder}/fashioniq`;
  await makeFashioniq(fashioniq);
  const parts = await evaluateBenchmark({ ...cirr, benchmark: "fashioniq", root: fashioniq, limit: 2 });
  assertEquals(parts.data.parts.map(({ queries }) => queries.length), [2, 2, 2]);
  const [row] = parts.rows, figures = Object.values(row.parts).map(({ metrics }) => metrics["R@10"]);
  assertEquals(row.mean!["R@10"], (figures[0] + figures[1] + figures[2]) / 3);
});

Deno.test("evaluateBenchmark: captions in the place of images are a mode of their own, and say so", async () => {
  const captions = await cirrCaptions(), stages = new Set<string>();
  const { rows, data, featuresKey } = await evaluateBenchmark({
    ...cirr,
    captions,
    onStage: (stage) => void stages.add(stage),
  });
  assertEquals([data.marks, featuresKey], [["CAPTIONS"], undefined]);
  assert(data.stamps[0].startsWith("CAPTIONS IN THE PLACE OF IMAGES:") && stages.has("encoding captions"));
  const row = (name: string) => rows.find((row) => row.name === name)!.parts.cirr.metrics["R@1"];
  assertEquals(rows.map(({ name }) => name).slice(4), ["caption + text", "phi + text", "oracle"]);
  // The oracle asks with the caption that the target's feature was made of.
  assertEquals(row("oracle"), 100);
  assert(row("caption + text") > row("text only"));
  // Some query's target, and its reference is there: the oracle cannot ask.
  captions.delete("dev-3-0-img0");
  const less = await evaluateBenchmark({ ...cirr, captions, methods: ["oracle"], allowMissing: true });
  const reasons = less.data.parts[0].queries.map(({ reference, targets }) =>
    reference === "dev-3-0-img0"
      ? "its reference is missing"
      : targets[0] === "dev-3-0-img0"
      ? "its target is missing"
      : undefined
  );
  assertEquals(less.rows[0].results.map(({ skipped }) => skipped), reasons);
  assert(reasons.includes("its target is missing"));
  await assertRejects(
    () => evaluateBenchmark({ ...cirr, captions }),
    Error,
    "1 of 40 captions of cirr val are missing or unreadable (dev-3-0-img0)",
  );
});

Deno.test("evaluateBenchmark: what is missing is refused, or counted as missed and stamped", async () => {
  const incomplete = `${folder}/incomplete`;
  await makeCirr(incomplete);
  const [part] = await openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" });
  const { reference, targets } = part.queries[0];
  for (const id of [reference, targets[0]]) await Deno.remove(`${incomplete}/dev/${id}.png`);
  const options = { ...cirr, root: incomplete };
  await assertRejects(() => evaluateBenchmark(options), Error, "2 of 40 images of cirr val are missing or unreadable");
  const { rows, data } = await evaluateBenchmark({ ...options, allowMissing: true, methods: ["phi + text"] });
  assertEquals([data.marks, data.missing.images, data.missing.gallery], [["INCOMPLETE"], 2, 2]);
  assertEquals(rows[0].results.length, sizes.queries);
  const [first] = rows[0].results;
  assertEquals([first.ranks, first.skipped], [[null], "its reference is missing"]);
  assert(rows[0].parts.cirr.metrics["R@50"] < 100);
});

Deno.test("evaluateBenchmark: what cannot be evaluated is refused before anything is encoded, and a signal stops it", async () => {
  const none = { ...cirr, cache: `${folder}/never` };
  const needs = {
    "phi + text": "a phi",
    "pseudo-token + text": "inverted pseudo-tokens",
    "oracle": "captions of images",
  };
  for (const [method, need] of Object.entries(needs)) {
    const options = { ...none, phi: undefined, methods: [method as "oracle"] };
    await assertRejects(() => evaluateBenchmark(options), Error, `Evaluating "${method}" failed: it needs ${need}`);
  }
  const template = { template: "a photo that {text}" };
  await assertRejects(() => evaluateBenchmark({ ...none, prompt: template }), Error, "lacks [$] or {text}");
  const pseudoTokens = { names: ["x.png"], tokens: tf.zeros([1, 96]) as tf.Tensor2D, provenance: {}, hash: "" };
  await assertRejects(
    () => evaluateBenchmark({ ...none, pseudoTokens }),
    Error,
    'none of the 1 inverted images ("x.png", ...) is an image of the benchmark',
  );
  const [{ queries }] = await openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found" });
  const references = [...new Set(queries.map(({ reference }) => reference))];
  const names = references.slice(1).map((id) => `dev/${id}.png`);
  const some = { ...pseudoTokens, names, tokens: tf.zeros([names.length, 96]) as tf.Tensor2D };
  await assertRejects(
    () => evaluateBenchmark({ ...none, pseudoTokens: some }),
    Error,
    `1 of ${references.length} references of queries have none, the first is "${references[0]}"; invert all images`,
  );
  const captions = await cirrCaptions();
  await assertRejects(
    () => evaluateBenchmark({ ...none, pseudoTokens: some, captions }),
    Error,
    "they were found for images, which captions replace here; give pseudo-tokens or captions",
  );
  for (const split of [undefined, "val"]) {
    await assertRejects(
      () => evaluateBenchmark({ ...none, benchmark: "cifar" as "cirr", split }),
      Error,
      'there is no benchmark "cifar"; there are cirr, circo, fashioniq, genecis, coco, icir.',
    );
  }
  assertEquals(await Deno.stat(none.cache).then(() => true, () => false), false);

  const stop = new AbortController(), data = await openBenchmarkData(cirr);
  const kept = tf.memory().numTensors;
  const stopped = evaluateData(data, { clip, phi, cache, signal: stop.signal, onRow: () => stop.abort() });
  await assertRejects(() => stopped, DOMException);
  const left = async (method: string, wanted?: string) => {
    const before = tf.memory().numTensors;
    const onStage = (stage: string, _done: number, _total: number, note?: string) => {
      if (stage === method && note === wanted) throw new Error("stopped");
    };
    await assertRejects(() => evaluateData(data, { clip, phi, cache, onStage }), Error, "stopped");
    return tf.memory().numTensors - before;
  };
  assertEquals([await left("text only", "ranking"), await left("phi + text", "ranking")], [0, 0]);
  assertEquals(tf.memory().numTensors, kept);
  assertEquals([await left("phi + text"), await left("text only")], [0, 0]);
  disposeWeights({ ...clip.weights, ...phi.weights });
});
