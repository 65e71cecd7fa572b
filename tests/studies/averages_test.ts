import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { averageWeights } from "../../lib/rtd/average_weights.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { changeRecipe } from "../../lib/rtd/recipe.ts";
import { planStudy } from "../../lib/studies/plan.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import type { Study } from "../../lib/studies/study.ts";
import { listStudies } from "../../lib/studies/study_list.ts";
import { evaluationOf, rowName } from "../../lib/studies/study_rows.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed();
const faster = { ...testbed.recipe.optimizer, learningRate: 3e-3 };

/** The same fine-tuning without averages, and with two. */
const study = {
  name: "made",
  title: "A study of this test",
  asks: "Does it run?",
  clips: "first",
  phis: "first",
  variants: [
    { name: "RTD", training: { method: "RTD", changes: { optimizer: faster } } },
    { name: "averaged", training: { method: "RTD", changes: { optimizer: faster } }, at: [0.5], shares: [0.25, 0.75] },
    { name: "beside", training: { method: "RTD", changes: { keepCaptions: 5 }, keptCaptions: "beside" } },
    { name: "targets", training: { method: "RTD", changes: { keepCaptions: 5 } } },
  ],
} satisfies Study;

Deno.test("runStudy: averages with the frozen encoder are rows of one training, each evaluated as by hand", async () => {
  const cache = await Deno.makeTempDir(), options = { seeds: [1], cache, device }, before = tf.memory().numTensors;
  const made = await runStudy(testbed, study, options), own = made.rows.filter(({ variant }) => variant === "averaged");
  assertEquals(tf.memory().numTensors, before);
  assertEquals(own.map((row) => [rowName(row), row.step, row.share, row.last]), [
    ["averaged, 1 step", 1, undefined, false],
    ["averaged", 2, undefined, true],
    ["averaged, share 0.25", 2, 0.25, false],
    ["averaged, share 0.75", 2, 0.75, false],
  ]);
  assertEquals(new Set(own.flatMap(({ runs }) => runs)).size, 1);
  assert(own.every(({ reference }) => reference?.variant === "frozen"));
  // Averages change nothing of the encoder itself, and a variant without them has the key that it had before.
  const [alone] = made.rows.filter(({ variant, last }) => variant === "RTD" && last);
  assertEquals(evaluationOf(alone, alone.finished[0]), evaluationOf(own[1], own[1].finished[0]));
  assertEquals(Object.keys(alone.finished[0].inputs).includes("shares"), false);

  using open = await testbed.open("small");
  const { clip, phi } = open, recipe = changeRecipe(testbed.recipe, { optimizer: faster, seed: 1 });
  const triplets = await testbed.tripletSources[0].triplets();
  const { textWeights } = await trainRtd({ clip, phi: phi("LinCIR"), triplets, recipe });
  for (const row of own.slice(2)) {
    const averaged = averageWeights(clip.weights, textWeights, row.share!), found = evaluationOf(row, row.finished[0]);
    assertEquals(found.plain, await open.plain(averaged));
    const byHand = await open.evaluate({ method: "phi + text", phi: "LinCIR" }, averaged);
    assertEquals(
      Object.values(found.queries[0]).map(({ targetCosine }) => targetCosine).toString(),
      [
        ...Object.values(byHand).map(({ targetCosine }) => targetCosine),
      ].toString(),
    );
    disposeWeights(averaged);
  }
  disposeWeights(textWeights);
  const cosines = [own[2], own[3], own[1]].map((row) =>
    evaluationOf(row, row.finished[0]).queries[0].emoji.targetCosine!
  );
  assertEquals(new Set(cosines).size, 3, cosines.join());

  const closed = { ...testbed, open: () => Promise.reject(new Error("a CLIP was opened")) };
  const again = await runStudy(closed, study, options);
  assertEquals(again.table().text(), made.table().text());
  const [listed] = await listStudies(testbed, [study], options);
  assertEquals([listed.runs, listed.cached, listed.secondsLeft], [6, 6, 0]);
  await Deno.remove(cache, { recursive: true });
});

Deno.test("planStudy: captions beside the triplets decide the key of a fine-tuning that keeps them, and must be there", async () => {
  const { runs } = await planStudy(testbed, study, { seeds: [1] }), keys = new Set(runs.map(({ key }) => key));
  assertEquals(keys.size, runs.length);
  const captions = () => Promise.resolve({ captions: ["a cat"], hash: "another" });
  const other = { ...testbed, keptCaptions: { ...testbed.keptCaptions, beside: { about: "one", captions } } };
  const changed = (await planStudy(other, study, { seeds: [1] })).runs.filter(({ key }) => !keys.has(key));
  assertEquals(changed.map(({ title }) => title), ["small, LinCIR, beside, seed 1"]);
  const { notRun } = await planStudy({ ...testbed, keptCaptions: undefined }, study, { seeds: [1] });
  assertEquals(notRun, [{
    what: "small, LinCIR, beside",
    reason: 'the testbed has no captions beside its triplets; a testbed\'s file names them as "keptCaptions"',
  }]);
});

Deno.test("planStudy: variants are chosen by a text in their names, the rest is named as left out, an unknown text refused", async () => {
  const { runs, notRun } = await planStudy(testbed, study, { seeds: [1], only: ["beside"] });
  assertEquals(runs.map(({ title }) => title), [
    "small, baselines",
    "small, LinCIR, frozen",
    "small, LinCIR, beside, seed 1",
  ]);
  assertEquals(notRun, [{
    what: `${study.variants.length - 1} of ${study.variants.length} variants`,
    reason: "they were not asked for",
  }]);
  await assertRejects(
    () => planStudy(testbed, study, { only: ["beside", "above"] }),
    Error,
    'no variant has "above" in its name; there are "',
  );
});

Deno.test("planStudy: captions of all kinds and those beside the triplets are two fine-tunings", async () => {
  const training = (keptCaptions: "beside" | "all") => ({
    method: "RTD" as const,
    changes: { keepCaptions: 5 },
    keptCaptions,
  });
  const both = {
    ...study,
    variants: (["beside", "all"] as const).map((name) => ({ name, training: training(name) })),
  };
  const { runs } = await planStudy(testbed, both, { seeds: [1] });
  const kept = runs.flatMap(({ training }) => training?.method === "RTD" ? [training.keptCaptions!] : []);
  assertEquals(kept.length, 2);
  assert(kept[1].length > kept[0].length);
});
