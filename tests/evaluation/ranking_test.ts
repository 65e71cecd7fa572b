import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { pairedBootstrap } from "../../lib/evaluation/bootstrap.ts";
import { rankGallery, recallAt } from "../../lib/evaluation/ranking.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";

eachBackend("the first correct entry is ranked, excluded entries are gone, ties stand in gallery order", async () => {
  const gallery = tf.tensor2d([[1, 0], [0.8, 0.6], [0.8, 0.6], [0, 1]]);
  const query = tf.tensor2d([[1, 0], [1, 0], [0, 1]]);
  const ranked = await rankGallery(query, gallery, [
    { correct: [2], excluded: [] },
    { correct: [3, 2], excluded: [0, 1] },
    { correct: [0], excluded: [] },
  ], 3);
  assertEquals(ranked, [
    { rank: 3, top: [0, 1, 2] },
    { rank: 1, top: [2, 3] },
    { rank: 4, top: [3, 1, 2] },
  ]);
});

eachBackend("ranks equal a full sort", async () => {
  const rng = random(2), N = 300, Q = 40, P = 8;
  const values = (rows: number) => Float32Array.from({ length: rows * P }, () => rng.normal());
  const [q, g] = [values(Q), values(N)];
  const relevance = Array.from({ length: Q }, () => ({
    correct: [rng.int(N), rng.int(N)],
    excluded: [rng.int(N)],
  })).map((question) => ({ ...question, excluded: question.excluded.filter((x) => !question.correct.includes(x)) }));
  const ranked = await rankGallery(tf.tensor2d(q, [Q, P]), tf.tensor2d(g, [N, P]), relevance);
  relevance.forEach(({ correct, excluded }, i) => {
    const dot = (a: Float32Array, m: number, b: Float32Array, n: number) =>
      Array.from({ length: P }, (_, d) => a[m * P + d] * b[n * P + d]).reduce((x, y) => x + y);
    const score = (n: number) => dot(q, i, g, n) / Math.sqrt(dot(g, n, g, n));
    const order = [...Array(N).keys()].filter((n) => !excluded.includes(n)).sort((a, b) => score(b) - score(a) || a - b);
    assertEquals(ranked[i].top, order.slice(0, 10));
    assertEquals(ranked[i].rank, 1 + order.findIndex((n) => correct.includes(n)));
  });
});

Deno.test("ranking refuses relevance that cannot be answered", async () => {
  await useDevice("wasm");
  const two = tf.tensor2d([[1, 0], [0, 1]]);
  await assertRejects(() => rankGallery(two, two, []), Error, "2 queries were given and 0 relevance");
  const question = { correct: [1], excluded: [1] };
  await assertRejects(() => rankGallery(two, two, [question, question]), Error, "holds none of its correct entries");
});

Deno.test("recall counts ranks up to k", () => {
  assertEquals(recallAt([1, 2, 5, 11], 5), 75);
  assert(Number.isNaN(recallAt([], 1)));
});

Deno.test("the bootstrap's interval holds the true difference about nineteen times in twenty", () => {
  const rng = random(4);
  let held = 0;
  for (let trial = 0; trial < 200; trial++) {
    const runs = Array.from({ length: 150 }, (_, i) => ({
      before: rng.uniform() < 0.3,
      after: rng.uniform() < 0.4,
      stratum: "all",
      cluster: String(i),
    }));
    const { low, high } = pairedBootstrap(runs, 400, rng);
    if (low <= 10 && 10 <= high) held++;
  }
  // 95 % of 200 is 190, its standard standardDeviation 3.1.
  assert(held >= 180 && held <= 198, `${held} of 200`);
});

Deno.test("strata weigh alike whatever their size", () => {
  const many = Array.from(
    { length: 90 },
    (_, i) => ({ before: false, after: false, stratum: "a", cluster: String(i) }),
  );
  const few = Array.from({ length: 10 }, (_, i) => ({ before: false, after: true, stratum: "b", cluster: String(i) }));
  assertEquals(pairedBootstrap([...many, ...few], 10, random(1)).difference, 50);
});
