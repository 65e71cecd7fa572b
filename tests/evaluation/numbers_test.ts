/** No wrong number in silence: what is not finite, or not possible, is an error and never a figure. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { type BenchmarkPart, checkPart } from "../../lib/benchmarks/benchmark.ts";
import { parsePreprocessing } from "../../lib/clip/files/preprocessor_config.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { partMetrics } from "../../lib/evaluation/metrics.ts";
import { rankGallery } from "../../lib/evaluation/ranking.ts";
import { loadPhi, savePhi } from "../../lib/projection/phi_file.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { allFinite } from "../../lib/tensors/weights.ts";

Deno.test("rankGallery: a feature that is NaN or infinite is an error that names its query and entry", async () => {
  await useDevice("wasm");
  const good = tf.tensor2d([[1, 0], [0, 1]]);
  for (const bad of [NaN, Infinity, -Infinity]) {
    const broken = tf.tensor2d([[1, 0], [bad, 1]]);
    await assertRejects(
      () =>
        rankGallery({ queries: good, gallery: broken, relevance: [0, 1].map((i) => ({ correct: [i], excluded: [] })) }),
      Error,
      "the features of gallery entry 1 are NaN, infinite, or too large",
    );
    await assertRejects(
      () => rankGallery({ queries: broken, gallery: good }),
      Error,
      "the features of query 1 are NaN",
    );
  }
  assertEquals((await rankGallery({ queries: tf.zeros([1, 2]), gallery: good }))[0].top, [0, 1]);
});

Deno.test("rankGallery: a feature whose norm overflows is refused, and not ranked as zeros", async () => {
  await useDevice("wasm");
  const good = tf.tensor2d([[1, 0], [0, 1]]), before = tf.memory().numTensors;
  for (const large of [1e20, -3e38]) {
    const broken = tf.tensor2d([[1, 0], [large, 1]]);
    await assertRejects(
      () => rankGallery({ queries: good, gallery: broken }),
      Error,
      "the features of gallery entry 1 are NaN, infinite, or too large for their norm to be a 32-bit float",
    );
    await assertRejects(
      () => rankGallery({ queries: broken, gallery: good }),
      Error,
      "the features of query 1 are NaN",
    );
    broken.dispose();
  }
  assertEquals(tf.memory().numTensors, before);
  // The largest whose squared norm is a 32-bit float.
  const large = tf.tensor2d([[0, 1.8e19], [1e19, 0]]);
  assertEquals((await rankGallery({ queries: good, gallery: large })).map(({ top }) => top), [[1, 0], [0, 1]]);
});

Deno.test("loadPhi and loadPseudoTokens: a single number that is not finite is refused by name", async () => {
  await useDevice("wasm");
  const { clip, phi } = await loadEmbeddedModel();
  const folder = await Deno.makeTempDir();
  const name = "layers.6.bias", values = (await phi.weights[name].data()).slice() as Float32Array;
  values[7] = NaN;
  const broken = { ...phi, weights: { ...phi.weights, [name]: tf.tensor1d(values) } };
  await savePhi(`${folder}/phi.safetensors`, broken);
  await assertRejects(
    () => loadPhi(clip, `${folder}/phi.safetensors`),
    Error,
    `phi.safetensors failed: number 7 of "${name}" is NaN; the file is damaged, or its training failed.`,
  );
  const tokens = tf.fill([2, clip.config.text.width], Infinity) as tf.Tensor2D;
  await savePseudoTokens(`${folder}/t.safetensors`, { names: ["a", "b"], tokens, provenance: {} });
  await assertRejects(() => loadPseudoTokens(clip, `${folder}/t.safetensors`), Error, "is Infinity");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("allFinite: one number decides", async () => {
  await useDevice("wasm");
  assertEquals(await allFinite({ a: tf.tensor1d([1, -3e38]), b: tf.zeros([0]) }), true);
  for (const bad of [NaN, Infinity, -Infinity]) assertEquals(await allFinite({ a: tf.tensor1d([1, bad]) }), false);
});

Deno.test("parsePreprocessing: a standard deviation of zero would make every pixel NaN", () => {
  const config = (std: number[]) => ({ size: 8, crop_size: 8, image_std: std });
  assertThrows(
    () => parsePreprocessing(config([0, 1, 1]), "p"),
    Error,
    "image_std is [0,1,1], expected numbers above 0",
  );
  assertThrows(() => parsePreprocessing(config([NaN, 1, 1]), "p"), Error, "image_std is [null,1,1]");
});

const part: BenchmarkPart = {
  benchmark: "circo",
  split: "val",
  part: "circo",
  gallery: ["a", "b", "c"],
  images: new Map(["a", "b", "c"].map((id) => [id, { paths: [`${id}.png`] }])),
  queries: [{ id: "1", reference: "a", texts: ["x"], targets: ["b", "c"], excluded: [] }],
};
const withQuery = (changes: Partial<BenchmarkPart["queries"][0]>) => ({
  ...part,
  queries: [{ ...part.queries[0], ...changes }],
});

Deno.test("checkPart: rows that would raise a figure are refused", () => {
  assertEquals(checkPart(part), part);
  for (
    const [changes, sentence] of [
      [{ targets: ["b", "b"] }, 'the image "b" is named twice in query 1'],
      [{ group: ["b", "c", "c"] }, 'the image "c" is named twice in query 1'],
      [{ targets: ["a"] }, 'the target "a" of query 1 is its own reference, or excluded'],
      [{ excluded: ["c"] }, 'the target "c" of query 1 is its own reference, or excluded'],
    ] as const
  ) {
    assertThrows(() => checkPart(withQuery(changes)), Error, sentence);
  }
  for (const path of ["../b.png", "x/../../b.png", "/etc/passwd", "..\\b.png"]) {
    const images = new Map([...part.images, ["b", { paths: [path] }]]);
    assertThrows(() => checkPart({ ...part, images }), Error, "leaves the benchmark's folder");
  }
});

Deno.test("partMetrics: a figure outside 0 to 100 is an internal error", () => {
  const result = { part: "circo", query: "1", ranks: [], top: [] };
  const own: BenchmarkPart = { ...part, ownGalleries: true };
  assertThrows(() => partMetrics(own, [result]), Error, "mAP@5 is NaN percent, which no protocol allows");
  const twice = { ...result, ranks: [1, 1] };
  assertThrows(() => partMetrics(part, [twice]), Error, "the rank 1 is given twice");
});
