import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { recallAt } from "../../lib/evaluation/metrics.ts";
import { rankGallery } from "../../lib/evaluation/ranking.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";

eachBackend(
  "rankGallery: correct entries are ranked, excluded entries are gone, ties stand in gallery order",
  async () => {
    const gallery = tf.tensor2d([[1, 0], [0.8, 0.6], [0.8, 0.6], [0, 1]]);
    const queries = tf.tensor2d([[1, 0], [1, 0], [0, 1]]);
    const relevance = [
      { correct: [2], excluded: [] },
      { correct: [3, 2], excluded: [0, 1] },
      { correct: [0], excluded: [] },
    ];
    const ranked = await rankGallery({ queries, gallery, relevance, top: 3 });
    assertEquals(ranked, [
      { ranks: [3], top: [0, 1, 2] },
      { ranks: [2, 1], top: [2, 3] },
      { ranks: [4], top: [3, 1, 2] },
    ]);
  },
);

eachBackend(
  "rankGallery: with factors, the product of both similarities ranks, and a negative one counts as 0",
  async () => {
    const gallery = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1], [-1, -1]]);
    const queries = tf.tensor2d([[3, 0]]), factors = tf.tensor2d([[0.8, 1.2]]);
    const relevance = [{ correct: [1, 3], excluded: [] }];
    // Products by hand: 1 * 0.555, 0.6 * 0.998, 0 * 0.832, and two negative ones, whose product would be the largest.
    const [{ ranks, top }] = await rankGallery({ queries, factors, gallery, relevance, top: 4 });
    assertEquals([ranks, top], [[1, 4], [1, 0, 2, 3]]);
    await assertRejects(
      () => rankGallery({ queries, factors: tf.tensor2d([[1, 0], [0, 1]]), gallery, relevance }),
      Error,
      "queries is [1,2] and factors [2,2]; give one for each.",
    );
  },
);

eachBackend("rankGallery: ranks equal a full sort", async () => {
  const rng = random(2), N = 300, Q = 40, P = 8;
  const values = (rows: number) => Float32Array.from({ length: rows * P }, () => rng.normal());
  const [q, g] = [values(Q), values(N)];
  const relevance = Array.from({ length: Q }, () => ({
    correct: [rng.int(N), rng.int(N)],
    excluded: [rng.int(N)],
    group: rng.shuffle([...Array(N).keys()]).slice(0, 30),
  })).map((one) => ({ ...one, excluded: one.excluded.filter((x) => !one.correct.includes(x)) }));
  const ranked = await rankGallery({ queries: tf.tensor2d(q, [Q, P]), gallery: tf.tensor2d(g, [N, P]), relevance });
  relevance.forEach(({ correct, excluded, group }, i) => {
    const dot = (a: Float32Array, m: number, b: Float32Array, n: number) =>
      Array.from({ length: P }, (_, d) => a[m * P + d] * b[n * P + d]).reduce((x, y) => x + y);
    const score = (n: number) => dot(q, i, g, n) / Math.sqrt(dot(g, n, g, n));
    const order = [...Array(N).keys()].filter((n) => !excluded.includes(n)).sort((a, b) =>
      score(b) - score(a) || a - b
    );
    assertEquals(ranked[i].top, order.slice(0, 10));
    assertEquals(ranked[i].ranks, correct.map((entry) => 1 + order.indexOf(entry)));
    assertEquals(ranked[i].group, order.filter((n) => group.includes(n)));
    const first = ranked[i].group!.findIndex((n) => correct.includes(n));
    assertEquals(ranked[i].groupRank, first < 0 ? Infinity : first + 1);
  });
});

eachBackend("rankGallery: group ranks come from the gallery's scores, and ties keep each its own order", async () => {
  // Entry 1 is nearer to the query by 8e-10, which a 32-bit score does not see: a tie, in the gallery and in the group.
  const gallery = tf.tensor2d([[1, 0], [1, 1e-9], [0, 1], [-1, 0]]);
  const queries = tf.tensor2d([[0.6, 0.8], [0.6, 0.8], [0.6, 0.8]]);
  const relevance = [
    { correct: [1], excluded: [], group: [0, 1] },
    { correct: [1], excluded: [], group: [1, 0] },
    { correct: [1, 3], excluded: [2], group: [3, 2, 0] },
  ];
  assertEquals(await rankGallery({ queries, gallery, relevance, top: 4 }), [
    { ranks: [3], top: [2, 0, 1, 3], group: [0, 1], groupRank: 2 },
    { ranks: [3], top: [2, 0, 1, 3], group: [1, 0], groupRank: 1 },
    { ranks: [2, 3], top: [0, 1, 3], group: [0, 3], groupRank: 2 },
  ]);
});

Deno.test("rankGallery: refuses what does not fit; an excluded correct entry has no rank", async () => {
  await useDevice("wasm");
  const two = tf.tensor2d([[1, 0], [0, 1]]), three = tf.zeros([2, 3]) as tf.Tensor2D;
  await assertRejects(
    () => rankGallery({ queries: two, gallery: two, relevance: [] }),
    Error,
    "there are 2 queries and relevance for 0",
  );
  await assertRejects(
    () => rankGallery({ queries: two, gallery: three }),
    Error,
    "queries is [2,2] and gallery [2,3], expected equal widths",
  );
  const excluded = { correct: [1], excluded: [1], group: [1] };
  const [first] = await rankGallery({ queries: two, gallery: two, relevance: [excluded, excluded] });
  assertEquals(first, { ranks: [Infinity], top: [0], group: [], groupRank: Infinity });
  assertEquals(recallAt(first.ranks, 1000), 0);
});

Deno.test("recallAt: counts ranks up to k", () => {
  assertEquals(recallAt([1, 2, 5, 11], 5), 75);
  assertEquals(recallAt([1, null, 5, Infinity], 5), 50);
  assert(Number.isNaN(recallAt([], 1)));
});

Deno.test("rankGallery: an entry that the gallery does not have is refused by query and index, and never ranked", async () => {
  await useDevice("wasm");
  const three = tf.tensor2d([[1, 0], [0, 1], [1, 1]]), good = { correct: [0], excluded: [1], group: [0, 2] };
  for (const wrong of [99, 3, -1, 0.5, NaN]) {
    for (const name of ["correct", "excluded", "group"]) {
      const relevance = [good, good, { ...good, [name]: [2, wrong] }];
      await assertRejects(
        () => rankGallery({ queries: three, gallery: three, relevance }),
        Error,
        `"${name}" of query 2 names the entry ${wrong} of a gallery of 3; give whole numbers from 0 to 2.`,
      );
    }
  }
  assertEquals((await rankGallery({ queries: three, gallery: three, relevance: [good, good, good] })).length, 3);
});

Deno.test("rankGallery: nothing is kept when onProgress throws, or a feature is refused", async () => {
  await useDevice("wasm");
  const two = tf.tensor2d([[1, 0], [0, 1]]), broken = tf.tensor2d([[NaN, 0], [0, 1]]), before = tf.memory().numTensors;
  const stop = () => {
    throw new Error("stopped");
  };
  await assertRejects(() => rankGallery({ queries: two, gallery: two, onProgress: stop }), Error, "stopped");
  await assertRejects(() => rankGallery({ queries: two, gallery: broken }), Error, "gallery entry 0 are NaN");
  assertEquals(tf.memory().numTensors, before);
});
