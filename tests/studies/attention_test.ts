import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { textAttention } from "../../lib/clip/model/text_attention.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { attention } from "../../lib/studies/attention.ts";
import { measureAttention, partsOf, queryParts, wordsOf } from "../../lib/studies/attention_shares.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import { evaluationOf } from "../../lib/studies/study_rows.ts";
import { rowsAt } from "../../lib/tensors/rows_at.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed(), template = "a photo of [$] that {text}";

Deno.test("partsOf: every token belongs to the part of the query that it was written in", async () => {
  using open = await testbed.open("small");
  const { tokenizer } = open.clip;
  const tokens = tokenizer.encode([
    "a photo of [$] that is red",
    "a photo of [$] that",
    "a photo of [$] that that is a photo",
  ]);
  const short = { s: "start", p: "prompt", $: "pseudo-token", j: "joining words", t: "text", e: "end of text" };
  const expected = ["sppp$jtteee", "sppp$jeeeee", "sppp$jtttte"].flatMap((row) => [...row].slice(0, tokens.length));
  assertEquals(partsOf(tokens, template, tokenizer), expected.map((one) => short[one as keyof typeof short]));
  assertEquals(queryParts.map((part) => wordsOf(part, template)), [
    ...["start", '"a photo of"', "pseudo-token", '"that"', "text", "end of text"],
  ]);
});

Deno.test("measureAttention: sums of the watched tower's shares over each part, which make 1 in every layer", async () => {
  using open = await testbed.open("small");
  const { clip, phi, probed } = open, before = tf.memory().numTensors;
  const models = { clip, phi: phi("LinCIR"), probed: probed! }, made = await measureAttention(models);
  assertEquals(tf.memory().numTensors, before);
  const { queries, features } = probed!;
  assertEquals([made.queries, made.layers.length], [queries.length, clip.config.text.layers]);
  for (const shares of made.layers) {
    // Six decimals are kept of six numbers.
    assert(Math.abs(queryParts.reduce((sum, part) => sum + shares[part], 0) - 1) < 1e-5);
  }
  assertEquals([made.tokens.start, made.tokens.prompt, made.tokens["pseudo-token"]], [1, 3, 1]);

  // One query: the pseudo-token is the fifth token, and the last one is the end.
  const [query] = queries, tokens = clip.tokenizer.encode([template.replace("{text}", query.text)]);
  const image = rowsAt(features.rows, [features.index.get(query.reference)!]); // [1, P]
  const { layers } = textAttention(clip.weights, clip.config.text, tokens, applyPhi(phi("LinCIR"), image));
  const one = await measureAttention({ ...models, probed: { ...probed!, queries: [query] } });
  for (const [layer, shares] of layers.entries()) {
    const [heads] = await shares.array(),
      mean = (at: number) => heads.reduce((sum, head) => sum + head[at], 0) / heads.length;
    for (
      const [part, expected] of [["start", mean(0)], ["pseudo-token", mean(4)], ["joining words", mean(5)], [
        "end of text",
        mean(tokens.endAt[0]),
      ]] as const
    ) {
      assert(
        Math.abs(one.layers[layer][part] - expected) < 1e-6,
        `${part}: ${one.layers[layer][part]} for ${expected}`,
      );
    }
  }
  await assertRejects(
    () => measureAttention({ ...models, probed: { ...probed!, queries: [] } }),
    Error,
    "there are no queries with an image; give some",
  );
});

Deno.test("attention: a line of tokens, a line for each layer and encoder, and two figures", async () => {
  const cache = await Deno.makeTempDir(), options = { seeds: [1, 2], cache, device };
  const made = await runStudy(testbed, attention, options);
  const [frozen, tuned] = ["frozen", "RTD"].map((name) => made.rows.find(({ variant }) => variant === name)!);
  const of = (row: typeof frozen, at = 0) => evaluationOf(row, row.finished[at]).probes!.attention!;
  assert(of(tuned).layers[0].text !== of(frozen).layers[0].text);
  assert(of(tuned).layers[0].text !== of(tuned, 1).layers[0].text);
  const sections = await attention.more!(made), layers = of(frozen).layers.length;
  const texts = await Promise.all(
    sections.map(async ({ shows }) => String((await shows[jupyterDisplay]())["text/plain"])),
  );
  assertEquals(texts[0].split("\n").length, 2 + 1 + 2 * layers);
  assert(texts[0].includes((100 * of(frozen).layers[0].text).toFixed(1)));
  const parts = 'start, "a photo of", pseudo-token, "that", text, end of text';
  assertEquals(
    texts.slice(1),
    ["frozen", "after RTD"].map((name) => `Attention of the end-of-text token, ${name} (${parts})`),
  );
  await Deno.remove(cache, { recursive: true });
});
