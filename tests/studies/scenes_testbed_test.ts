import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { sceneAspects } from "../../lib/scenes/data/edits.ts";
import { kinds } from "../../lib/scenes/data/kinds.ts";
import { splitKinds } from "../../lib/scenes/data/pairs.ts";
import { openTestbed } from "../../lib/studies/open_testbed.ts";
import { scenesTestbed } from "../../lib/studies/scenes_testbed.ts";
import { strataTable } from "../../lib/studies/strata_table.ts";
import * as tf from "../../lib/tensors/tf.ts";

const small = { queries: 6, scenes: 100 };

Deno.test("scenesTestbed: three settings of one gallery; on validation other kinds, one setting, the same triplets", async () => {
  const test = await scenesTestbed(small), validation = await scenesTestbed({ ...small, split: "validation" });
  assertEquals([test.name, validation.name], ["scenes", "scenes-validation"]);
  assertEquals(test.benchmarks.map(({ name }) => name), [
    "scenes",
    "scenes, unseen wording",
    "scenes, Fluent references",
  ]);
  assertEquals(validation.benchmarks.map(({ name, split }) => [name, split]), [
    ["scenes validation", "validation kinds, split seed 0"],
  ]);
  const [{ queries, gallery }] = test.benchmarks;
  assertEquals([queries.length, gallery], [small.queries * sceneAspects.length, 2 * small.scenes]);
  const data = async ({ tripletSources: [edits] }: typeof test) => await (await edits.triplets()).data();
  assertEquals(await data(validation), await data(test));
  assert(await data(await scenesTestbed({ ...small, splitSeed: 1 })) !== await data(test));
  assertEquals(new Set(test.benchmarks.map(({ hash }) => hash)).size, 3);
});

Deno.test("scenesTestbed: captions to keep are of train kinds, each once, without words of instructions", async () => {
  const { keptCaptions } = await scenesTestbed(small), { captions } = await keptCaptions!.all!.captions();
  assertEquals(new Set(captions).size, captions.length);
  assert(captions.length > 1000, String(captions.length));
  const { train, validation, test } = splitKinds(0);
  const names = (indices: readonly number[]) => indices.flatMap((i) => [kinds[i].name, kinds[i].plural]);
  const own = new Set(names(train)), others = names([...validation, ...test]).filter((name) => !own.has(name));
  const says = (caption: string, word: string) => ` ${caption} `.includes(` ${word} `);
  for (const caption of captions) {
    assert(!others.some((name) => says(caption, name)), caption);
    for (const word of ["replace", "remove", "instead", "change", "make"]) assert(!says(caption, word), caption);
  }
});

Deno.test("scenesTestbed: an image alone finds its twin, the oracle mostly the target; nothing is left in memory", async () => {
  await useDevice("wasm");
  const testbed = await scenesTestbed(small), before = tf.memory().numTensors;
  {
    using open = await testbed.open("scenes");
    const [oracle, image] = [await open.evaluate({ method: "oracle" }), await open.evaluate({ method: "image only" })];
    for (const { name, queries } of testbed.benchmarks) assertEquals(oracle[name].scores.length, queries.length);
    // The reference's other drawing stays in the gallery and shows the same: nothing else is as near.
    const { headline } = image["scenes"];
    assert(oracle["scenes"].headline > 60 && headline < 15, `${oracle["scenes"].headline} ${headline}`);
    const plain = await open.plain();
    assert(plain!["caption to image R@1"] > 60, JSON.stringify(plain));
    assertEquals(
      Object.keys(oracle["scenes"].metrics).filter((name) => name.endsWith(", hit@1")).length,
      sceneAspects.length,
    );
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("strataTable: one column an aspect, whose mean is the headline", async () => {
  const testbed = await scenesTestbed(small), [main] = testbed.benchmarks;
  const scores = main.queries.map(({ stratum }) => Number(stratum === "removal"));
  const evaluation = { step: 0, queries: [{ [main.name]: { headline: 12.5, metrics: {}, scores } }] };
  const inputs = { inputs: {}, device: await useDevice("wasm"), seconds: { training: 0, evaluation: 0 }, steps: 0 };
  const row = {
    ...{ clip: "scenes", variant: "made", query: {}, queryIndex: 0, step: 0, last: true, runs: [] },
    finished: [{ ...inputs, losses: [], memory: 0, evaluations: [evaluation] }],
  };
  const { columns, rows: [[, name, ...cells]] } = strataTable({
    testbed,
    recipe: testbed.recipe,
    rows: [row as never],
  })!;
  assertEquals([columns.slice(2), name], [[...sceneAspects], "made"]);
  assertEquals(cells, sceneAspects.map((aspect) => aspect === "removal" ? "100.0" : "0.0"));
});

Deno.test("openTestbed: further phis are for scenes, with names of their own; an unknown name is guessed", async () => {
  const open = (name: string, phi: string) => openTestbed(name, { phis: new Map([[phi, "missing.safetensors"]]) });
  const refused: [string, string, string][] = [
    ["emoji", "LinCIR, seed 2", "further phis are for the embedded CLIP of scenes alone; leave them out."],
    ["scenes.json", "LinCIR, seed 2", "further phis are for scenes; name them in this file."],
    ["scenes", "SEARLE", 'a phi is called SEARLE already; name a further one "SEARLE, seed 2".'],
    ["scenes", "LinCIR, seed 2", "there is no file missing.safetensors"],
    ["scene", "LinCIR, seed 2", 'or name a file that ends in .json. Did you mean "scenes"?'],
  ];
  for (const [name, phi, sentence] of refused) await assertRejects(() => open(name, phi), Error, sentence);
});
