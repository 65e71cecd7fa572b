import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { planStudy } from "../../lib/studies/plan.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import { evaluationOf } from "../../lib/studies/study_rows.ts";
import { measureTextAndImage } from "../../lib/studies/text_and_image.ts";
import { whereTheyLie } from "../../lib/studies/where_they_lie.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { rowsAt } from "../../lib/tensors/rows_at.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed();

Deno.test("measureTextAndImage: cosines of encoders and phi called one by one; noise takes captions away from themselves", async () => {
  using open = await testbed.open("small");
  const { clip, phi, captioned } = open, { captions, queries, features } = captioned!;
  const lincir = phi("LinCIR"), before = tf.memory().numTensors;
  const made = await measureTextAndImage({ clip, phi: lincir, captioned: captioned! }, [0, 4]);
  assertEquals(tf.memory().numTensors, before);
  const ids = [...new Set(queries.map(({ reference }) => reference))], N = ids.length;
  assertEquals([made.references, made.queries, made.scales.length], [N, queries.length, 2]);

  const text = await encodeTexts(clip, ids.map((id) => captions.get(id)![0])); // [N, P]
  const image = rowsAt(features.rows, ids.map((id) => features.index.get(id)!)); // [N, P]
  const tokens = [text, image].map((rows) => applyPhi(lincir, rows)); // [N, D]
  const asked = queries.map(({ reference }) => ids.indexOf(reference));
  const composed = [];
  for (const one of tokens) {
    const pseudoTokens = rowsAt(one, asked); // [A, D]
    composed.push(
      await encodeTexts(clip, queries.map(({ text }) => `a photo of [$] that ${text}`), { pseudoTokens }), // [A, P]
    );
  }
  const [plain] = made.scales;
  for (
    const [pair, found] of [
      [[text, image], plain.features],
      [tokens, plain.pseudoTokens],
      [composed, plain.queries],
    ] as const
  ) {
    const own = await cosine(pair[0], pair[1]);
    // Six decimals are kept, and texts of other batches move last bits.
    assert(Math.abs(found.own - own) < 1e-5, `${found.own}, ${own}`);
    assert(found.other < found.own, `${found.other}, ${found.own}`);
  }
  assert(made.scales[1].pseudoTokens.own < plain.pseudoTokens.own);
  assert(made.scales[1].pseudoTokens.found < plain.pseudoTokens.found);
  assertEquals([made.map!.text.x.length, made.map!.image.y.length], [N, N]);

  // Were captions the images, everything would coincide.
  const same = {
    ...captioned!,
    features: { rows: text, index: new Map(ids.map((id, i) => [id, i])) },
  };
  const [{ features: f, pseudoTokens: p, queries: q }] =
    (await measureTextAndImage({ clip, phi: lincir, captioned: same }, [0])).scales;
  for (const { own, found } of [f, p, q]) assertEquals([own.toFixed(4), found], ["1.0000", 100]);

  const one = { ...captioned!, queries: queries.filter(({ reference }) => reference === ids[0]) };
  await assertRejects(
    () => measureTextAndImage({ clip, phi: lincir, captioned: one }, [0]),
    Error,
    "1 references have an image and a caption; give captions of two or more",
  );
});

/** Mean cosine of rows, without the toolkit's own functions. */
async function cosine(a: tf.Tensor2D, b: tf.Tensor2D): Promise<number> {
  const [first, second] = [await a.array(), await b.array()];
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0);
  const each = first.map((row, i) => dot(row, second[i]) / Math.sqrt(dot(row, row) * dot(second[i], second[i])));
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

Deno.test("whereTheyLie: measured with every run, read from the cache, and shown in two tables and a map for each phi", async () => {
  const cache = await Deno.makeTempDir(), options = { seeds: [1, 2], cache, device, phis: ["LinCIR"] };
  const made = await runStudy(testbed, whereTheyLie, options);
  const closed = { ...testbed, open: () => Promise.reject(new Error("a CLIP was opened")) };
  const again = await runStudy(closed, whereTheyLie, options);
  const measured = (result: typeof made) =>
    result.rows.map((row) => row.finished.map((run) => evaluationOf(row, run).textAndImage));
  assertEquals(measured(again), measured(made));
  const [frozen, tuned] = ["frozen", "RTD"].map((name) => made.rows.find(({ variant }) => variant === name)!);
  const of = (row: typeof frozen, at = 0) => evaluationOf(row, row.finished[at]).textAndImage!;
  assertEquals(of(frozen).scales.map(({ noise }) => noise), [0, 0.5, 1, 2]);
  // RTD moves composed queries alone, and another seed moves them elsewhere.
  assertEquals(of(tuned).scales[1].pseudoTokens, of(frozen).scales[1].pseudoTokens);
  assert(of(tuned).scales[1].queries.own !== of(frozen).scales[1].queries.own);
  assert(of(tuned).scales[1].queries.own !== of(tuned, 1).scales[1].queries.own);
  assertEquals(of(tuned).map, undefined);

  const sections = await whereTheyLie.more!(made);
  assertEquals(sections.length, 3);
  const texts = await Promise.all(sections.map(async ({ shows }) => await shows[jupyterDisplay]()));
  const { own } = of(frozen).scales[0].pseudoTokens;
  assert(String(texts[0]["text/plain"]).includes(own.toFixed(3)));
  assert(String(texts[1]["text/plain"]).includes(" +- "));
  assertEquals(
    texts[2]["text/plain"],
    "Pseudo-tokens of captions and of images: small, LinCIR (phi(caption), phi(image))",
  );
  await Deno.remove(cache, { recursive: true });
});

Deno.test("whereTheyLie: without captions beside images it is not measured, and its runs are those of other studies", async () => {
  const { captioned: _, ...poor } = testbed, options = { seeds: [1], phis: ["LinCIR"] };
  const { notRun, runs } = await planStudy(poor, whereTheyLie, options);
  assertEquals(notRun.map(({ what, reason }) => `${what}: ${reason}`), [
    "where texts and images lie: no benchmark of the testbed has captions beside images",
  ]);
  const { textAndImage: __, ...plain } = whereTheyLie;
  const without = await planStudy(testbed, plain, options), rich = await planStudy(testbed, whereTheyLie, options);
  const keys = (of: typeof runs) => of.map(({ key }) => key);
  assertEquals(keys(runs), keys(without.runs));
  // The baselines alone are the same run.
  assertEquals(keys(rich.runs).map((key, i) => key === keys(without.runs)[i]), [true, false, false]);
});
