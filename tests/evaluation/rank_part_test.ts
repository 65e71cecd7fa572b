import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { partMetrics } from "../../lib/evaluation/metrics.ts";
import { rankPart } from "../../lib/evaluation/rank_part.ts";
import { eachBackend } from "../backends.ts";

const ids = ["a", "b", "c", "d", "e", "f"];
const query = (id: string, target: string, group: string[]) => ({
  id,
  reference: "a",
  texts: ["x"],
  targets: [target],
  excluded: ["a"],
  group,
});
const part: BenchmarkPart = {
  benchmark: "cirr",
  split: "val",
  part: "cirr",
  gallery: ids,
  images: new Map(ids.map((id) => [id, { paths: [] }])),
  // The first two ask the same and differ in the group's order; the third has its whole gallery as group.
  queries: [query("0", "d", ["c", "d"]), query("1", "d", ["d", "c"]), query("2", "f", ["b", "c", "d", "e", "f"])],
};
/** By cosine with [1, 0]: a 1, b 0.8, c and d 0.6, e 0, f -1. */
const gallery = [[2, 0], [0.8, 0.6], [0.6, 0.8], [3, 4], [0, 1], [-1, 0]];

eachBackend("rankPart: R@k and Rs@k of a case made by hand; ties keep gallery and group order", async () => {
  const features = { rows: tf.tensor2d(gallery), index: new Map(ids.map((id, i) => [id, i])) };
  const queries = tf.tensor2d([[1, 0], [5, 0], [1, 0]]);
  const results = await rankPart({ part, indices: [0, 1, 2], queries, features });
  const common = { part: "cirr", top: ["b", "c", "d", "e", "f"] };
  assertEquals(results, [
    { ...common, query: "0", ranks: [3], group: ["c", "d"], groupRank: 2 },
    { ...common, query: "1", ranks: [3], group: ["d", "c"], groupRank: 1 },
    { ...common, query: "2", ranks: [5], group: ["b", "c", "d", "e", "f"], groupRank: 5 },
  ]);
  const metrics = partMetrics(part, results);
  assertEquals([metrics["R@1"], metrics["R@5"], metrics["R@10"]], [0, 100, 100]);
  assertEquals([metrics["Rs@1"], metrics["Rs@2"], metrics["Rs@3"]], [100 / 3, 200 / 3, 200 / 3]);
  // Where the group is the whole gallery without the reference, in its order, both are one ranking.
  const whole = {
    ...part,
    queries: ["b", "c", "d", "e", "f"].map((target, i) => query(String(i), target, ids.slice(1))),
  };
  const same = await rankPart({
    part: whole,
    indices: [0, 1, 2, 3, 4],
    queries: tf.tensor2d(Array.from({ length: 5 }, () => [1, 0])),
    features,
  });
  assertEquals(same.map(({ ranks }) => ranks[0]), [1, 2, 3, 4, 5]);
  assertEquals(same.map(({ groupRank }) => groupRank), [1, 2, 3, 4, 5]);
  const both = partMetrics(whole, same);
  assertEquals(both["R@1"], both["Rs@1"]);
});

eachBackend("rankPart: a skipped query, a missing target and a query's own gallery", async () => {
  const present = ids.filter((id) => id !== "d");
  const features = {
    rows: tf.tensor2d(present.map((id) => gallery[ids.indexOf(id)])),
    index: new Map(present.map((id, i) => [id, i])),
  };
  const queries = tf.tensor2d([[1, 0], [1, 0]]);
  const [missing, skipped, last] = await rankPart({ part, indices: [0, 2], queries, features });
  assertEquals([missing.ranks, missing.group, missing.groupRank, missing.skipped], [[null], ["c"], null, undefined]);
  assertEquals([skipped.ranks, skipped.top, skipped.skipped], [[null], [], "its target is missing"]);
  assertEquals([last.ranks, last.groupRank], [[4], 4]);
  const own: BenchmarkPart = { ...part, ownGalleries: true };
  const [first, , third] = await rankPart({ part: own, indices: [0, 2], queries, features });
  assertEquals([first.ranks, first.top, third.ranks, third.top], [[null], [], [4], []]);
}, ["webgpu"]);

Deno.test("rankPart: a skipped query says what is missing, and nothing is kept when onProgress throws", async () => {
  await useDevice("wasm");
  const without = (...missing: string[]) => {
    const present = ids.filter((id) => !missing.includes(id));
    const rows = tf.tensor2d(present.map((id) => gallery[ids.indexOf(id)]));
    return { rows, index: new Map(present.map((id, i) => [id, i])) };
  };
  const queries = tf.tensor2d([[1, 0]]), indices = [2];
  for (
    const [missing, reason] of [
      [["a"], "its reference is missing"],
      [["a", "d"], "its reference is missing"],
      [["d"], "its target is missing"],
      [[], "it was left out"],
    ] as const
  ) {
    const results = await rankPart({ part, indices, queries, features: without(...missing) });
    assertEquals(results.map(({ skipped }) => skipped), [reason, reason, undefined]);
  }
  const features = without(), before = tf.memory().numTensors;
  const onProgress = () => {
    throw new Error("stopped");
  };
  await assertRejects(() => rankPart({ part, indices, queries, features, onProgress }), Error, "stopped");
  assertEquals(tf.memory().numTensors, before);
});

eachBackend("rankPart: each query ranks the one of several galleries that it names", async () => {
  const query = (id: string, gallery: string, targets: string[], reference = "a") => ({
    ...{ id, reference, texts: ["x"], targets, excluded: [], gallery },
  });
  const icir: BenchmarkPart = {
    ...{ benchmark: "icir", split: "test", part: "icir", gallery: ids, images: part.images },
    galleries: new Map([["one", ["f", "b", "d"]], ["two", ["e", "c", "a"]], ["three", ["missing"]]]),
    queries: [
      query("0", "two", ["e", "c"]),
      query("1", "one", ["d"]),
      query("2", "two", ["a"]),
      query("3", "one", ["f", "b"]),
      query("4", "three", ["missing"]),
    ],
  };
  const features = { rows: tf.tensor2d(gallery), index: new Map(ids.map((id, i) => [id, i])) };
  // By cosine with [1, 0]: a 1, b 0.8, c and d 0.6, e 0, f -1; with [0, 1]: a 0, b 0.6, c and d 0.8, e 1, f 0.
  const queries = tf.tensor2d([[1, 0], [1, 0], [0, 1], [0, 1]]), seen: number[][] = [];
  const before = tf.memory().numTensors;
  const ranking = { part: icir, indices: [0, 1, 3, 4], queries, features };
  const results = await rankPart({ ...ranking, onProgress: (done, total) => void seen.push([done, total]) });
  assertEquals(tf.memory().numTensors, before);
  assertEquals(results, [
    { part: "icir", query: "0", ranks: [3, 2], top: ["a", "c", "e"], gallery: "two" },
    { part: "icir", query: "1", ranks: [2], top: ["b", "d", "f"], gallery: "one" },
    { part: "icir", query: "2", ranks: [null], top: [], skipped: "it was left out", gallery: "two" },
    { part: "icir", query: "3", ranks: [3, 2], top: ["d", "b", "f"], gallery: "one" },
    { part: "icir", query: "4", ranks: [null], top: [], skipped: "its target is missing", gallery: "three" },
  ]);
  assertEquals(seen, [[2, 5], [4, 5], [5, 5]]);
  // The product of similarities: factors are chosen with their queries.
  const factors = tf.tensor2d([[0, 1], [1, 0], [1, 0], [1, 0]]);
  const product = await rankPart({ ...ranking, factors });
  // Query 0: a 1 * 0, c 0.6 * 0.8, e 0 * 1; query 3: b 0.6 * 0.8, d 0.8 * 0.6, f 0: equal ones in the gallery's order.
  assertEquals(product.map(({ top }) => top[0]), ["c", "b", undefined, "b", undefined]);
});
