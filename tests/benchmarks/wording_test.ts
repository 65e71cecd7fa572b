import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { openBenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { defaultPrompt, encodeQueries, paperPrompt } from "../../lib/evaluation/query_encoder.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { makeCirr, makeFashioniq, makeGenecis } from "./miniature.ts";

Deno.test("openBenchmark: Pic2Word's wording has FashionIQ's captions once, the second first, not stripped", async () => {
  const root = await Deno.makeTempDir();
  await makeFashioniq(root, false);
  const read = async (wording?: "paper" | "pic2word") => {
    const parts = await openBenchmark({ benchmark: "fashioniq", root, split: "val", counts: "as-found", wording });
    return parts[0].queries[0].texts;
  };
  const [both] = [await read()], [first] = both[0].split(" and is nice");
  assertEquals(both, [`${first} and is nice`, `is nice and ${first}`]);
  assertEquals(await read("paper"), both);
  assertEquals(await read("pic2word"), [`is nice? and  ${first}. `]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: with the bug of LinCIR's branch the texts of GeneCIS' object tasks are 0", async () => {
  const root = await Deno.makeTempDir();
  await makeGenecis(root, false);
  const texts = async (wording: "paper" | "lincir-genecis") => {
    const parts = await openBenchmark({ benchmark: "genecis", root, split: "all", counts: "as-found", wording });
    return Object.fromEntries(parts.map(({ part, queries }) => [part, queries.flatMap(({ texts }) => texts)]));
  };
  const paper = await texts("paper"), bug = await texts("lincir-genecis");
  for (const task of ["focus_object", "change_object"]) assertEquals(new Set(bug[task]), new Set(["0"]));
  for (const task of ["focus_attribute", "change_attribute"]) assertEquals(bug[task], paper[task]);
  const data = await openBenchmarkData({
    benchmark: "genecis",
    root,
    counts: "as-found",
    allowMissing: true,
    wording: "lincir-genecis",
  });
  assertEquals(data.marks, ["INCOMPLETE", "NO CONDITION"]);
  assertEquals(data.stamps[1].slice(0, 12), "NO CONDITION");
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: a wording of another benchmark is refused, and Pic2Word's has its template", async () => {
  const root = await Deno.makeTempDir();
  await makeCirr(root, false);
  const read = (wording: "pic2word" | "lincir-genecis") =>
    openBenchmark({ benchmark: "cirr", root, split: "val", counts: "as-found", wording });
  await assertRejects(
    () => read("lincir-genecis"),
    Error,
    'Reading cirr failed: the wording "lincir-genecis" is of genecis alone, not of cirr; leave it out.',
  );
  assertEquals((await read("pic2word"))[0].queries.length, 12);
  assertEquals(defaultPrompt("cirr", "pic2word").template, "a photo of [$] , {text}");
  assertEquals(defaultPrompt("cirr"), paperPrompt);
  await Deno.remove(root, { recursive: true });
});

Deno.test("encodeQueries: the sum is of normalised features, or of raw ones where asked", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel({ size: "small" });
  const P = clip.config.projectionWidth, rows = tf.randomNormal([1, P], 0, 30, "float32", 3) as tf.Tensor2D;
  const part = {
    benchmark: "genecis",
    split: "val",
    part: "focus_object",
    gallery: ["a"],
    images: new Map([["a", { paths: ["a"] }]]),
    queries: [{ id: "0", reference: "a", texts: ["red apple"], targets: [], excluded: [] }],
  };
  const options = { part, indices: [0], features: { rows, index: new Map([["a", 0]]) } };
  const encode = async (method: "text only" | "image + text sum", sum?: "raw" | "normalised") => {
    const encoded = await encodeQueries({ clip }, { ...options, method, prompt: { ...paperPrompt, sum } });
    const [values] = await encoded.array();
    encoded.dispose();
    return values;
  };
  const [image] = await rows.array(), text = await encode("text only");
  const norm = (values: number[]) => Math.hypot(...values);
  const near = (found: number[], expected: number[]) =>
    assertEquals(found.every((value, i) => Math.abs(value - expected[i]) < 1e-4 * norm(expected)), true);
  near(await encode("image + text sum", "raw"), image.map((value, i) => value + text[i]));
  const unit = image.map((value, i) => value / norm(image) + text[i] / norm(text));
  near(await encode("image + text sum"), unit);
  near(await encode("image + text sum", "normalised"), unit);
  // Of several texts the raw features are averaged too: a text of length 1 would weigh otherwise than a single one.
  part.queries[0].texts = ["red apple", "red apple"];
  near(await encode("image + text sum", "raw"), image.map((value, i) => value + text[i]));
  rows.dispose();
});

Deno.test("encodeQueries: a caption stands before the text, or where asked in the template in the place of the pseudo-token", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel({ size: "small" });
  const queries = [{ id: "0", reference: "a", texts: ["is green"], targets: [], excluded: [] }];
  const part = { benchmark: "cirr", split: "val", part: "cirr", gallery: ["a"], images: new Map(), queries };
  const rows = tf.zeros([1, clip.config.projectionWidth]) as tf.Tensor2D,
    features = { rows, index: new Map([["a", 0]]) };
  const captions = new Map([["a", ["Red apple"]]]);
  for (
    const [caption, text] of [
      [undefined, "red apple, is green"],
      ["before the text", "red apple, is green"],
      ["in the template", "a photo of red apple that is green"],
    ] as const
  ) {
    const options = { part, indices: [0], method: "caption + text", features } as const;
    const encoded = await encodeQueries({ clip, captions }, { ...options, prompt: { ...paperPrompt, caption } });
    const expected = await encodeTexts(clip, [text]);
    assertEquals(await encoded.array(), await expected.array());
    tf.dispose([encoded, expected]);
  }
  rows.dispose();
});
