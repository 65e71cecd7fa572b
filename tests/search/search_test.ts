import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { composedPrompt } from "../../lib/projection/prompts.ts";
import { highest } from "../../lib/search/highest.ts";
import { imageIndex } from "../../lib/search/image_index.ts";
import { search } from "../../lib/search/search.ts";
import { searchMethods } from "../../lib/search/search_method.ts";
import { normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import { random } from "../../lib/tensors/random.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { eachBackend } from "../backends.ts";
import { useDevice } from "../../lib/backend/device.ts";

const N = 12;

/** A collection of made features, the same for every test. */
function madeRows(P: number, count = N): Float32Array {
  const draw = random(3);
  return Float32Array.from({ length: count * P }, () => draw.uniform() - 0.5);
}

Deno.test("highest: the best in order, the first of equal scores first, one left out", () => {
  assertEquals(highest([1, 3, 2, 3, 0], 3), [1, 3, 2]);
  assertEquals(highest([1, 3, 2, 3, 0], 3, 1), [3, 2, 0]);
  assertEquals(highest([5], 3), [0]);
  const draw = random(1), scores = Float32Array.from({ length: 500 }, () => Math.floor(draw.uniform() * 40));
  const sorted = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  assertEquals(highest(scores, 60), sorted.slice(0, 60));
});

eachBackend("search: every method gives the scores of its formula, computed one by one", async (backend) => {
  await useDevice(backend);
  const { clip, phi } = await loadEmbeddedModel({ size: "small" }), P = clip.config.projectionWidth;
  const rows = madeRows(P), row = (at: number) => rows.subarray(at * P, (at + 1) * P);
  const unit = (values: ArrayLike<number>) => {
    const norm = Math.hypot(...Array.from(values));
    return Array.from(values, (value) => value / norm);
  };
  const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    unit(a).reduce((sum, value, i) => sum + value * unit(b)[i], 0);
  const text = Array.from(await (await encodeTexts(clip, ["is red"])).data());
  const pseudoTokens = applyPhi(phi, tf.tensor2d(row(4), [1, P]));
  const composed = Array.from(await (await encodeTexts(clip, [composedPrompt("is red")], { pseudoTokens })).data());
  const [c, t, i] = [composed, text, row(4)].map((of) => (at: number) => cosine(row(at), of));
  const formulas: Record<string, (at: number) => number> = {
    "composed 0.5": c,
    "composed 0.25": (at) => 0.5 * c(at) + 0.5 * i(at),
    "composed 1": t,
    "sum 0.25": (at) => 0.25 * t(at) + 0.75 * i(at),
    "product 0.25": (at) => Math.max(0, t(at)) ** 0.25 * Math.max(0, i(at)) ** 0.75,
    "image 0.5": i,
    "text 0.5": t,
  };
  using index = imageIndex([...Array(N).keys()].map(String), tf.tensor2d(rows, [N, P]));
  for (const [name, formula] of Object.entries(formulas)) {
    const [method, weight] = name.split(" "), before = tf.memory().numTensors;
    const query = {
      ...{ clip, phi, image: 4, text: " IS red ", weight: Number(weight) },
      method: searchMethods.find((one) => one === method)!,
    };
    const asked = method === "image" ? { image: 4 } : method === "text" ? { text: "is red", clip } : query;
    const hits = await search(index, { ...asked, top: N });
    assertEquals(tf.memory().numTensors, before, "a search leaks tensors");
    const expected = [...Array(N).keys()].filter((at) => method === "text" || at !== 4);
    assertEquals(hits.map(({ row }) => row).sort((a, b) => a - b), expected);
    // 1e-5: 32-bit products of 64 numbers here and in double precision there.
    for (const hit of hits) assertAlmostEquals(hit.score, formula(hit.row), 1e-5);
    assert(hits.every(({ score }, at) => at === 0 || score <= hits[at - 1].score));
  }
  // The features of a row are the row, but for the row itself, which is found then.
  const [first] = await search(index, { image: row(4).slice() });
  assertEquals(first.id, "4");
  // A fine-tuned encoder changes the text's part.
  const doubled = tf.mul(clip.weights["text_projection.weight"], -1);
  const [best] = await search(index, { text: "is red", clip, top: N });
  const tuned = await search(index, {
    ...{ text: "is red", clip, top: N },
    textWeights: { "text_projection.weight": doubled as tf.Variable },
  });
  assertEquals(tuned.at(-1)!.id, best.id);
});

eachBackend("search: what is missing or does not fit is named", async (backend) => {
  await useDevice(backend);
  using index = imageIndex(["a", "b"], tf.tensor2d([[1, 0], [0, 1]]));
  const refused = async (options: Parameters<typeof search>[1], sentence: string) =>
    void await assertRejects(() => search(index, options), Error, sentence);
  await refused({ text: " $ " }, "there is neither an image nor a text; give one of them, or both");
  await refused({ text: "red" }, 'Searching by "text" failed: there is no CLIP to encode the text; give clip.');
  await refused({ image: 2 }, "the image is none of 2 rows");
  await refused({ image: Float32Array.of(1, 2, 3) }, "the image has 3 numbers, expected 2; was it encoded with");
  await refused({ image: Float32Array.of(NaN, 1) }, "the image has features that are not finite; check the weights");
  for (const top of [0, -1, 1.5]) await refused({ image: 0, top }, `top is ${top}; give a whole number from 1.`);
  // Wherever it stands: it would be missing among the results, and nobody would know. A WebGPU shader may compute as if
  // there were no NaN; features on disk are looked at when they are made and read.
  for (const broken of backend === "webgpu" ? [] : [0, 2]) {
    const rows = [[1, 0], [0, 1], [1, 1]].map((row, i) => i === broken ? [NaN, 0] : row);
    using damaged = imageIndex(["a", "b", "c"], tf.tensor2d(rows));
    const found = search(damaged, { image: 1, top: 1 });
    await assertRejects(() => found, Error, `the score of "${damaged.ids[broken]}" is NaN`);
  }
  await refused({ image: 0, weight: 1.5 }, "the weight is 1.5; give a number from 0 (the image) to 1 (the text)");
  const { clip } = await loadEmbeddedModel({ size: "small" });
  await refused({ image: 0, text: "red", clip, method: "composed" }, 'there is no phi; give one, or choose "sum"');
  const unit = normaliseRows(tf.tensor2d([[3, 4]]));
  assertEquals((await search(index, { image: await unit.data() as Float32Array, top: 1 }))[0].id, "b");
});
