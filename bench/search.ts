/**
 * `deno task bench-search`: milliseconds of a warm query in made features, exact and in Milvus, and how many of the true
 * results the approximate index finds. Encoding a text is not part of it.
 */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, milvusOption, wholeNumber } from "../cli/options.ts";

const bench = command("bench-search", "Measures warm queries in made features, and the recall of Milvus.", [
  "deno task bench-search --images 100000",
  "deno task bench-search --images 20000 --index milvus://localhost:19530/bench",
])
  .option("--images <count>", "number of images", wholeNumber(100), 100_000)
  .option("--width <count>", "width of the features", wholeNumber(1), 512)
  .option("--cluster <count>", "images around one centre; 1 makes features that resemble nothing", wholeNumber(1), 100)
  .option("--queries <count>", "number of queries", wholeNumber(1), 200)
  .addOption(milvusOption("also measures a collection in Milvus, which is made and must not be there"))
  .addOption(deviceOption());

await runCommand(bench, async ({ images: N, width: P, cluster, queries, index: address, device }, _args, session) => {
  await session.device(device);
  const { imageIndex } = await import("../lib/search/image_index.ts"),
    { search } = await import("../lib/search/search.ts");
  const { random } = await import("../lib/tensors/random.ts"), tf = await import("../lib/tensors/tf.ts");
  const { openMilvusCollection } = await import("../lib/search/milvus_collection.ts");
  const { unitOf } = await import("../lib/search/query_terms.ts");
  const draw = random(1);
  // Real features lie in clusters, which an approximate index finds more easily. A query is a disturbed image.
  const normal = (length: number) => Float32Array.from({ length }, () => draw.uniform() + draw.uniform() - 1);
  const centres = Array.from({ length: Math.ceil(N / cluster) }, () => normal(P));
  const rows = new Float32Array(N * P); // [N, P]
  for (let row = 0; row < N; row++) {
    const centre = centres[Math.floor(row / cluster)];
    for (let i = 0; i < P; i++) rows[row * P + i] = centre[i] + (draw.uniform() - 0.5);
    if (row % 10_000 === 0) session.stage("making features", row, N);
  }
  const asked = Array.from({ length: queries }, () => {
    const row = draw.int(N);
    return unitOf(rows.slice(row * P, (row + 1) * P).map((value) => value + 0.5 * (draw.uniform() - 0.5)));
  });
  session.stageDone();
  const ids = Array.from({ length: N }, (_, row) => String(row));
  const features = tf.tensor2d(rows, [N, P]), top = 20;
  using made = imageIndex(ids, features);
  features.dispose();
  const exact = await measured(asked, async (image) => await search(made, { image, top }));
  console.log(`${N} x ${P}, exact: ${exact.words}`);
  if (address === undefined) return;

  const header = { version: 1, clip: "bench", weights: "bench", width: P, folder: "/" } as const;
  await using collection = await openMilvusCollection(address, { create: header });
  if (await collection.count() > 0) throw new Error(`${address} has images already; name a new collection.`);
  const started = performance.now();
  for (let from = 0; from < N; from += 1000) {
    session.stage("writing to Milvus", from, N);
    const batch = ids.slice(from, from + 1000).map((id, i) => ({
      ...{ id, hash: "", norm: 1, unit: unitOf(rows.subarray((from + i) * P, (from + i + 1) * P)) },
    }));
    await collection.write(0, batch);
  }
  await collection.seal();
  session.stageDone();
  console.log(`written and sealed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const found = await measured(asked, async (query) => await collection.nearest(query, { top }));
  const shares = found.results.map((hits, i) => {
    const right = new Set(exact.results[i].map(({ id }) => id));
    return hits.filter(({ id }) => right.has(id)).length / top;
  });
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  console.log(`Milvus: ${found.words}; recall@${top} ${mean.toFixed(4)}, least ${Math.min(...shares)}`);
});

/** Asks every query, after three that do not count. */
async function measured<T>(queries: readonly Float32Array[], ask: (query: Float32Array) => Promise<T>) {
  for (const query of queries.slice(0, 3)) await ask(query);
  const times: number[] = [], results: T[] = [];
  for (const query of queries) {
    const started = performance.now();
    results.push(await ask(query));
    times.push(performance.now() - started);
  }
  const sorted = times.toSorted((a, b) => a - b),
    at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  return { results, words: `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms` };
}
