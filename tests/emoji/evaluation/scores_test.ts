import * as tf from "../../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../../lib/backend/device.ts";
import { encodeImages, encodeTexts } from "../../../lib/clip/encode.ts";
import { normaliseImages } from "../../../lib/embedded/normalise_images.ts";
import { emojiQueries, type EmojiQuery } from "../../../lib/emoji/data/benchmark.ts";
import { emojiPart, encodeEmojiImages, mainSetting } from "../../../lib/emoji/evaluation/part.ts";
import { labelRetrieval } from "../../../lib/emoji/evaluation/label_retrieval.ts";
import {
  emojiRow,
  evaluationsOf,
  frozenEvaluations,
  frozenMethods,
  frozenRows,
  macroInterval,
} from "../../../lib/emoji/evaluation/rows.ts";
import { evaluateEmoji } from "../../../lib/emoji/evaluation/scores.ts";
import { bestRank } from "../../../lib/evaluation/rank_part.ts";
import { loadEmbeddedModel } from "../../../lib/emoji/model/embedded_model.ts";
import { applyPhi } from "../../../lib/projection/phi.ts";
import { smallBenchmark } from "../small_benchmark.ts";

await useDevice("wasm");
const benchmark = await smallBenchmark(10), queries = emojiQueries(benchmark, "test", 6);
const { clip, phi } = await loadEmbeddedModel({ size: "small" });
const features = await encodeEmojiImages(clip, benchmark);
const { noto, fluent } = benchmark.images;

/** The value of each row of features, by the id of its image. */
async function rowsById(): Promise<Map<string, number[]>> {
  const rows = await features.rows.array();
  return new Map([...features.index].map(([id, row]) => [id, rows[row]]));
}

const cosine = (a: number[], b: number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i], 0) / Math.hypot(...a) / Math.hypot(...b);

Deno.test("encodeEmojiImages: one row for each Noto and each Fluent image, that of its own pixels", async () => {
  assertEquals(features.rows.shape, [noto.codes.length + fluent.codes.length, 96]);
  const ids = [...noto.codes.map((code) => `noto/${code}`), ...fluent.codes.map((code) => `fluent/${code}`)];
  assertEquals([...features.index], ids.map((id, i) => [id, i]));
  const rows = await rowsById(), bytes = 32 * 32 * 3;
  for (const [style, set, at] of [["noto", noto, 3], ["fluent", fluent, 7]] as const) {
    const pixels = normaliseImages(set.pixels.slice(at * bytes, (at + 1) * bytes));
    const own = (await (await encodeImages(clip, pixels)).array())[0];
    // Another batch adds in another order.
    own.forEach((value, i) => assert(Math.abs(value - rows.get(`${style}/${set.codes[at]}`)![i]) < 1e-4));
  }
});

Deno.test("evaluateEmoji: ranks and figures equal a ranking computed directly, in the main and in other settings", async () => {
  const rows = await rowsById(), families = new Map(benchmark.emoji.map(({ code, family }) => [code, family]));
  const duplicatesOf = (code: string) => benchmark.duplicates[noto.codes.indexOf(code)].map((i) => noto.codes[i]);
  const settings = [
    mainSetting,
    { ...mainSetting, wording: "unseen" as const, keepReference: true },
    { ...mainSetting, references: "fluent" as const },
  ];
  for (const setting of settings) {
    const scores = await evaluateEmoji({ encoder: { clip, phi }, benchmark, features, queries, setting });
    const evaluated = queries.filter(({ reference }) =>
      setting.references === "noto" || fluent.codes.includes(reference.code)
    );
    assertEquals([scores.queries, scores.withoutReference], [evaluated, queries.length - evaluated.length]);
    assertEquals([scores.gallery, scores.method], [noto.codes.length, "phi + text"]);
    const reference = ({ reference }: EmojiQuery) => rows.get(`${setting.references}/${reference.code}`)!;
    const pseudoTokens = applyPhi(phi, tf.tensor2d(evaluated.map(reference)));
    const texts = evaluated.map(({ texts }) => `a photo of [$] that ${texts[setting.wording]}`);
    const encoded = await (await encodeTexts(clip, texts, { pseudoTokens })).array();
    const ranked = evaluated.map(({ reference, target }, i) => {
      const excluded = setting.keepReference ? [] : duplicatesOf(reference.code);
      const scores = new Map(noto.codes.map((code) => [code, cosine(encoded[i], rows.get(`noto/${code}`)!)]));
      return noto.codes.filter((code) => !excluded.includes(code)).sort((a, b) => scores.get(b)! - scores.get(a)!)
        .map((code) => ({ code, correct: duplicatesOf(target.code).includes(code) }));
    });
    const ranks = ranked.map((order) => 1 + order.findIndex(({ correct }) => correct));
    assertEquals(scores.results.map(bestRank), ranks);
    scores.results.forEach(({ top }, i) => assertEquals(top[0], `noto/${ranked[i][0].code}`));

    const percent = (hits: boolean[]) => 100 * hits.filter(Boolean).length / hits.length;
    const kinds = ["gender", "tone", "role", "colour", "hair", "two"].filter((kind) =>
      evaluated.some((query) => query.kind === kind)
    );
    for (const k of [1, 5, 10] as const) {
      const byKind = kinds.map((kind) =>
        percent(ranks.filter((_, i) => evaluated[i].kind === kind).map((r) => r <= k))
      );
      assertEquals(kinds.map((kind) => scores.kinds[kind as "tone"]![`R@${k}`]), byKind);
      const mean = byKind.reduce((sum, value) => sum + value) / kinds.length;
      assert(Math.abs(scores.macro[`R@${k}`] - mean) < 1e-9, `${scores.macro[`R@${k}`]} for ${mean}`);
    }
    const family = ranked.flatMap((order, i) =>
      kinds.includes(evaluated[i].kind)
        ? [order.find(({ code }) => families.get(code) === evaluated[i].target.family)!.correct]
        : []
    );
    assertEquals(scores.familyR1, percent(family));
  }
});

Deno.test("frozenRows: each method once, composed queries in the side settings too; the oracle is the best", async () => {
  let scored = 0;
  const setup = { clip, phi, benchmark, features, queries, onScored: () => void scored++ };
  const rows = await frozenRows(setup);
  assertEquals([rows.map(({ name }) => name), scored], [[...frozenMethods], frozenEvaluations]);
  assertEquals(rows.map(({ side }) => Object.keys(side).length), [0, 0, 0, 0, 0, 4]);
  const at1 = Object.fromEntries(rows.map(({ name, main }) => [name, main.macro["R@1"]]));
  assert(at1.oracle > at1["phi + text"] && at1["phi + text"] > at1["text only"], JSON.stringify(at1));
  assertEquals(macroInterval(rows[5].main, rows[5].main), { difference: 0, low: 0, high: 0 });
});

Deno.test("emojiPart: the reference is excluded with its duplicates, and every duplicate of the target is correct", () => {
  const { queries: made, gallery } = emojiPart(benchmark, queries);
  assertEquals(gallery, noto.codes.map((code) => `noto/${code}`));
  made.forEach(({ targets, excluded, group }, i) => {
    const { reference, target } = queries[i];
    assert(targets.includes(`noto/${target.code}`) && excluded.includes(`noto/${reference.code}`));
    assert(group!.includes(`noto/${target.code}`) && !targets.some((id) => excluded.includes(id)));
  });
  const kept = emojiPart(benchmark, queries, { ...mainSetting, keepReference: true });
  assert(kept.queries.every(({ excluded }) => excluded.length === 0));
});

Deno.test("evaluationsOf: as many evaluations as a row of the method reports", async () => {
  const inverted = applyPhi(phi, features.rows), pseudoTokens = { rows: inverted, index: features.index };
  for (const method of ["text only", "phi + text", "pseudo-token + text"] as const) {
    let scored = 0;
    const setup = { clip, phi, pseudoTokens, benchmark, features, queries, onScored: () => void scored++ };
    await emojiRow(setup, method, method);
    assertEquals(evaluationsOf(method), scored, method);
  }
  inverted.dispose();
});

Deno.test("encodeEmojiImages, evaluateEmoji, labelRetrieval: an error frees what they encoded", async () => {
  const before = tf.memory().numTensors;
  const onProgress = (done: number) => {
    if (done > noto.codes.length) throw new Error("stopped");
  };
  await assertRejects(() => encodeEmojiImages(clip, benchmark, { onProgress }), Error, "stopped");
  assertEquals(tf.memory().numTensors, before, "encodeEmojiImages");

  const narrow = tf.slice(features.rows, [0, 0], [-1, 95]); // [N, P - 1]
  const encoder = { clip, phi };
  await assertRejects(
    () => evaluateEmoji({ encoder, benchmark, features: { ...features, rows: narrow }, queries, method: "text only" }),
    Error,
    "95",
  );
  narrow.dispose();
  assertEquals(tf.memory().numTensors, before, "evaluateEmoji");

  const unread = benchmark.emoji.map((one) => ({ ...one, caption: "a literal $" }));
  await assertRejects(() => labelRetrieval(clip, { emoji: unread, images: noto, features }), Error, "$");
  assertEquals(tf.memory().numTensors, before, "labelRetrieval");
});
