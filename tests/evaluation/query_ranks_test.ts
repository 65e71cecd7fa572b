import { assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { partMetrics, rankStatistics } from "../../lib/evaluation/metrics.ts";
import { rankQueriesByTarget } from "../../lib/evaluation/query_ranks.ts";
import { type RankingResult, rankPart } from "../../lib/evaluation/rank_part.ts";
import * as tf from "../../lib/tensors/tf.ts";

await useDevice("wasm");

Deno.test("rankQueriesByTarget: all queries are ranked for each target, and the first of equal ones is the better", async () => {
  const queries = tf.tensor2d([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 2], [0, 1]]);
  const targets = tf.tensor2d([[1, 0.1], [0, 3], [0, 1]]);
  // Products: the second feature of query 1 is opposite to the target, which counts as 0.
  const factors = tf.tensor2d([[1, 0], [-1, 0], [1, 0], [1, 0], [1, 0]]), first = targets.slice(0, 1);
  const before = tf.memory().numTensors;
  assertEquals(await rankQueriesByTarget({ targets, owners: [1, 4, 3], queries }), [2, 2, 1]);
  assertEquals(await rankQueriesByTarget({ targets: first, owners: [1], queries, factors }), [5]);
  assertEquals(tf.memory().numTensors, before);
  tf.dispose([queries, targets, factors, first]);
});

const ids = ["a", "b", "c", "d"];
const part: BenchmarkPart = {
  benchmark: "coco",
  split: "val",
  part: "coco",
  gallery: ids,
  images: new Map(ids.flatMap((id) => [[id, { paths: [id] }], [`${id}:1`, { paths: [id] }]])),
  queries: ids.map((id) => ({ id: `${id}:1`, reference: `${id}:1`, texts: ["x"], targets: [id], excluded: [] })),
  bothDirections: true,
};

Deno.test("rankPart: where a part is ranked in both directions, a result has the rank of its query for its target", async () => {
  // Similarity of query (row) and image (column): images are the unit vectors.
  const queries = tf.tensor2d([[9, 8, 0, 0], [7, 6, 0, 0], [0, 9, 5, 6]]), rows = tf.eye(4) as tf.Tensor2D;
  const features = { rows, index: new Map(ids.map((id, i) => [id, i])) };
  const results = await rankPart({ part, indices: [0, 1, 2], queries, features });
  assertEquals(results.map(({ ranks }) => ranks), [[1], [2], [3], [null]]);
  // Of cosines, column by column: 0.75, 0.76, 0; 0.66, 0.65, 0.76; 0, 0, 0.42.
  assertEquals(results.map(({ queryRank }) => queryRank), [2, 3, 1, null]);
  tf.dispose([queries, rows]);
});

const result = (i: number, rank: number | null, queryRank: number | null): RankingResult => ({
  part: "coco",
  query: `${ids[i]}:1`,
  ranks: [rank],
  top: [],
  queryRank,
});

Deno.test("rankStatistics: mean and median of both directions, halves rounded down, what was skipped ranked last", () => {
  const results = [result(0, 1, 2), result(1, 2, 2), result(2, 4, 3), result(3, null, null)];
  assertEquals(rankStatistics(part, results), {
    "mean rank": 11 / 4,
    // Of 1, 2, 4, 4.
    "median rank": 3,
    "mean rank, image to query": 11 / 4,
    // Of 2, 2, 3, 4: 2.5, rounded down as in the released program.
    "median rank, image to query": 2,
  });
  assertEquals(rankStatistics({ ...part, queries: part.queries.slice(0, 3) }, results.slice(0, 3))!["median rank"], 2);
  assertEquals(rankStatistics({ ...part, bothDirections: undefined }, results), undefined);
});

Deno.test("partMetrics: COCO has recalls in both directions", () => {
  const results = [result(0, 1, 2), result(1, 2, 2), result(2, 4, 30), result(3, null, null)];
  const metrics = partMetrics(part, results);
  assertEquals(
    Object.keys(metrics),
    [1, 5, 10, 50, 100].flatMap((k) => [`R@${k}`]).concat(
      [1, 5, 10, 50, 100].map((k) => `R@${k}, image to query`),
    ),
  );
  assertEquals([metrics["R@1"], metrics["R@5"], metrics["R@100"]], [25, 75, 75]);
  const back = [1, 5, 50].map((k) => metrics[`R@${k}, image to query`]);
  assertEquals(back, [0, 50, 75]);
});
