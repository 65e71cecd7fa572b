import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { measureBareToken } from "../../lib/studies/bare_token.ts";
import { planStudy } from "../../lib/studies/plan.ts";
import { readingOrObeying } from "../../lib/studies/reading_or_obeying.ts";
import { readingTriplets } from "../../lib/studies/reading_triplets.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import { evaluationOf, scoresOf } from "../../lib/studies/study_rows.ts";
import { rowsAt } from "../../lib/tensors/rows_at.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed();

Deno.test("measureBareToken: what encoders and phi called one by one find, and the image itself where nothing else shows the same", async () => {
  using open = await testbed.open("small");
  const { clip, phi, probed } = open,
    { lookalikes, gallery, features, captions } = probed!,
    before = tf.memory().numTensors;
  const models = { clip, phi: phi("LinCIR"), probed: probed! }, made = await measureBareToken(models);
  assertEquals(tf.memory().numTensors, before);
  assertEquals([made.references, made.gallery], [lookalikes.length, gallery.length]);
  // Fluent's drawing is looked for among Noto's.
  for (const { reference, same } of lookalikes) {
    assert(reference.startsWith("fluent/") && same.includes(reference.replace("fluent", "noto")), reference);
  }

  const own = rowsAt(features.rows, lookalikes.map(({ reference }) => features.index.get(reference)!)); // [N, P]
  const pseudoTokens = applyPhi(phi("LinCIR"), own); // [N, D]
  const bare = await encodeTexts(clip, lookalikes.map(() => "a photo of [$]"), { pseudoTokens }); // [N, P]
  const words = await encodeTexts(
    clip,
    lookalikes.map(({ reference }) => `a photo of ${captions!.get(reference)![0]}`),
  );
  const images = await rowsAt(features.rows, gallery.map((id) => features.index.get(id)!)).array();
  for (const [queries, found] of [[bare, made.pseudoToken], [own, made.image], [words, made.caption!]] as const) {
    let hits = 0, sum = 0;
    for (const [i, query] of (await queries.array()).entries()) {
      const cosines = images.map((image) => cosine(query, image)), { same } = lookalikes[i];
      const best = gallery[cosines.indexOf(Math.max(...cosines))];
      hits += Number(same.includes(best));
      sum += cosines[gallery.indexOf(same[0])];
    }
    assertEquals(found.first.toFixed(4), (100 * hits / lookalikes.length).toFixed(4));
    // 32-bit floats of other batches.
    assert(Math.abs(found.cosine - sum / lookalikes.length) < 1e-5, `${found.cosine}, ${sum / lookalikes.length}`);
  }

  // A reference of the gallery is left out, unless it is what is looked for.
  const [first, second] = gallery, other = { ...probed!, gallery: [first, second] };
  const itself = { ...other, lookalikes: [{ reference: first, same: [first] }] };
  assertEquals((await measureBareToken({ ...models, probed: itself })).image.first, 100);
  const twin = { ...other, lookalikes: [{ reference: first, same: [second] }] };
  assertEquals((await measureBareToken({ ...models, probed: twin })).image.first, 100);
  const gone = { ...other, lookalikes: [{ reference: first, same: ["noto/gone"] }] };
  await assertRejects(
    () => measureBareToken({ ...models, probed: gone }),
    Error,
    "no reference has an image in the gallery; give some",
  );
});

/** The cosine of two rows, without the toolkit's own functions. */
function cosine(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

Deno.test("readingTriplets: each reference caption is its own target, without a text, under a hash of its own", async () => {
  const triplets = await testbed.tripletSources[0].triplets(), reading = readingTriplets(triplets);
  const expected = triplets(4).next(5).map(({ reference }) => ({ reference, conditioning: "", target: reference }));
  const sampler = reading(4);
  assertEquals(sampler.next(5), expected);
  assertEquals(reading(sampler.state()).next(2), sampler.next(2));
  assert(await reading.data() !== await triplets.data());
});

Deno.test("readingOrObeying: three encoders with three queries, what the bare pseudo-token finds, and gains over the same query", async () => {
  const cache = await Deno.makeTempDir(), options = { seeds: [1, 2], cache, device };
  const made = await runStudy(testbed, readingOrObeying, options);
  const closed = { ...testbed, open: () => Promise.reject(new Error("a CLIP was opened")) };
  const again = await runStudy(closed, readingOrObeying, options);
  const probed = (result: typeof made) =>
    result.rows.map((row) => row.finished.map((run) => evaluationOf(row, run).probes));
  assertEquals(probed(again), probed(made));
  const tuned = made.rows.filter(({ step }) => step > 0);
  assertEquals(
    tuned.map(({ variant, query, reference }) => [variant, query.name, reference!.variant, reference!.query.name]),
    ["RTD", "trained to read alone", "trained to obey alone"].flatMap((variant) => [
      [variant, undefined, "frozen", undefined],
      [variant, "caption and text", "frozen encoder", "caption and text"],
      [variant, "caption in the prompt", "frozen encoder", "caption in the prompt"],
    ]),
  );
  // The two wordings of the caption are different queries.
  const [main] = testbed.benchmarks,
    [, before, prompt] = made.rows.filter(({ variant }) => variant.startsWith("frozen"));
  const cosineOf = (row: typeof before) => scoresOf(row, main.name)[0].targetCosine;
  assert(cosineOf(before) !== cosineOf(prompt));

  const [gains, bare] = await Promise.all(
    (await readingOrObeying.more!(made)).map(async ({ shows }) =>
      String((await shows[jupyterDisplay]())["text/plain"])
    ),
  );
  const { pseudoToken, image } = evaluationOf(tuned[0], tuned[0].finished[0]).probes!.bareToken!;
  assert(pseudoToken.cosine !== image.cosine);
  assertEquals(gains.split("\n").length, 2 + 3);
  // The frozen encoder among them, without a deviation.
  assertEquals(bare.split("\n").slice(2).map((line) => [line.split("  ")[0], line.includes(" +- ")]), [
    ["frozen", false],
    ["RTD", true],
    ["trained to read alone", true],
    ["trained to obey alone", true],
  ]);
  await Deno.remove(cache, { recursive: true });
});

Deno.test("readingOrObeying: without captions the pseudo-token is probed alone; what is probed is part of a key", async () => {
  const poor = { ...testbed, methods: testbed.methods.filter((one) => one !== "caption + text" && one !== "oracle") };
  const { notRun, rows } = await planStudy(poor, readingOrObeying, { seeds: [1] });
  assertEquals(notRun.filter(({ what }) => what.includes("RTD")).map(({ what }) => what), [
    "small, LinCIR, RTD, caption and text",
    "small, LinCIR, RTD, caption in the prompt",
  ]);
  assertEquals(rows.filter(({ step }) => step > 0).map(({ variant }) => variant), [
    "RTD",
    "trained to read alone",
    "trained to obey alone",
  ]);
  const { probes: _, ...plain } = readingOrObeying;
  const keys = async (study: typeof plain) =>
    (await planStudy(testbed, study, { seeds: [1] })).runs.map(({ key }) => key);
  const [own, without] = [await keys(readingOrObeying), await keys(plain)];
  // The baselines alone are the same run.
  assertEquals(own.map((key, i) => key === without[i]), [true, ...Array(own.length - 1).fill(false)]);
});
