import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { paperRecipe } from "../../lib/rtd/recipe.ts";
import { clipTestbed } from "../../lib/studies/clip_testbed.ts";
import { planStudy } from "../../lib/studies/plan.ts";
import { mainResults } from "../../lib/studies/main_results.ts";
import { readRun, writeRun } from "../../lib/studies/run_cache.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import { studies } from "../../lib/studies/studies.ts";
import { scoresOf } from "../../lib/studies/study_rows.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { makeMiniature, writeTestbed } from "./miniature_testbed.ts";

const device = await useDevice("auto"), root = await Deno.makeTempDir();
const file = await makeMiniature(root), path = `${root}/testbed.json`, cache = `${root}/runs`;
const options = { seeds: [1], changes: { steps: 2, batch: 4 }, device, cache };

addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

Deno.test("clipTestbed: describes what its file names, with counts, captions and the paper's recipe", async () => {
  const testbed = await clipTestbed(path), [cirr, captions] = testbed.benchmarks;
  assertEquals(testbed.recipe, { ...paperRecipe, steps: 2, batch: 4 });
  assertEquals(
    testbed.benchmarks.map(({ name, headline, gallery, queries }) => [name, headline, gallery, queries.length]),
    [
      ["CIRR val", "R@1", 40, 12],
      ["CIRR captions", "R@1", 40, 12],
      ["circo val", "mAP@5", 40, 12],
      ["fashioniq val", "R@10", 120, 12],
      ["genecis all", "R@1", 80, 48],
      // The fourth of 40 images has nothing to draw.
      ["coco val", "R@1", 39, 39],
    ],
  );
  assert(cirr.hash !== captions.hash);
  assert(captions.stamps.some((stamp) => stamp.startsWith("CAPTIONS IN THE PLACE OF IMAGES")));
  assertEquals(testbed.clips[0].phis.map(({ name, naive }) => [name, naive?.anchors]), [
    ["LinCIR", [true, false]],
    ["SEARLE", undefined],
    ["Pic2Word", [true]],
  ]);
  assertEquals(testbed.tripletSources[1].about, "made by rule (40 triplets)");
});

for (const study of studies) {
  Deno.test(`clipTestbed: the miniature goes through the study ${study.name}`, async () => {
    const testbed = await clipTestbed(path), before = tf.memory().numTensors;
    const result = await runStudy(testbed, study, options);
    assertEquals([result.unfinished, tf.memory().numTensors], [0, before]);
    for (const row of result.rows) {
      for (const { headline, scores } of scoresOf(row, "CIRR val")) {
        const mean = 100 * scores.reduce((sum, one) => sum + one, 0) / scores.length;
        assert(Math.abs(headline - mean) < 1e-9, `${row.variant}: ${headline} for ${mean}`);
      }
    }
    const first = result.rows.find(({ variant }) => variant === "image x text product")!;
    assertEquals(scoresOf(first, "genecis all").length, 1);
    assert(result.table().text().includes("frozen"));
    for (const { shows } of await study.more?.(result) ?? []) {
      assert(Object.keys(await shows[jupyterDisplay]()).length > 0);
    }
  });
}

Deno.test("clipTestbed: unknown keys and wrong types of the file are told at once, before anything is opened", async () => {
  const folder = await Deno.makeTempDir();
  const wrong = {
    ...file,
    benchmark: [],
    clips: [{ name: "small", foldr: "nowhere", phis: [] }],
    benchmarks: [{ benchmark: "cirrr", folder: 3, limit: 0 }],
  };
  const error = await assertRejects(async () => await clipTestbed(await writeTestbed(folder, wrong)), AggregateError);
  const of = `Reading the testbed ${folder}/testbed.json failed: `;
  assertEquals(error.errors.map(({ message }) => message.replace(of, "")), [
    "clips[0].folder is missing.",
    'clips[0].foldr is no key; did you mean "folder"?',
    "clips[0].phis has 0 entries, expected at least 1.",
    'benchmarks[0].benchmark is "cirrr", expected one of "cirr", "circo", "fashioniq", "genecis", "coco"; did you mean "cirr"?',
    "benchmarks[0].folder is 3, expected a text.",
    "benchmarks[0].limit is 0, expected at least 1.",
    "benchmark is no key; there are $schema, name, about, recipe, cache, clips, triplets, benchmarks.",
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("clipTestbed: a missing folder, a phi of another CLIP and everything else are told at once", async () => {
  const folder = await Deno.makeTempDir(), [small] = file.clips, base = small.folder.replace("-small", "");
  const [lincir] = small.phis, other = { ...small, phis: [lincir], pseudoTokens: {} };
  const inRoot = (name: string) => `${root}/${name}`;
  const wrong = {
    ...file,
    recipe: { stesp: 3, batch: 50 },
    clips: [
      { ...other, name: "good" },
      { ...other, name: "wrong phi", folder: base, pseudoTokens: { "CIRR": inRoot("oti.safetensors") } },
      { ...other, name: "no folder", folder: "nowhere", phis: [{ name: "LinCIR", file: "gone.pt" }] },
    ].map((clip) => ({ ...clip, phis: clip.phis.map(({ name, file }) => ({ name, file })) })),
    triplets: [{ name: "llm", file: "none.jsonl" }, { name: "rule", file: inRoot("rule.jsonl") }],
    benchmarks: [
      { benchmark: "cirr", folder: inRoot("CIRR") },
      { benchmark: "circo", folder: "CIRCO", counts: "as-found" },
      { benchmark: "circo", split: "test", folder: inRoot("CIRCO"), counts: "as-found" },
      { benchmark: "fashioniq", folder: inRoot("FashionIQ"), counts: "as-found", headline: "R@3" },
    ],
  };
  const error = await assertRejects(async () => await clipTestbed(await writeTestbed(folder, wrong)), AggregateError);
  const told = error.message;
  for (
    const text of [
      '"stesp" is no choice',
      "it has 12 queries, published are 4181",
      `${folder}/CIRCO`,
      "its targets are not public",
      '"R@3" is no metric of it; there are R@10, R@50',
      "it was made for another CLIP",
      `${folder}/nowhere`,
      `Reading phi ${folder}/gone.pt failed: there is no such file or folder`,
      `${folder}/none.jsonl`,
      'it has 40 triplets, fewer than the 50 of a step; set "recipe": {"batch": 40} or less',
    ]
  ) assert(told.includes(text), `${text}\nis not in\n${told}`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("clipTestbed: a table whose benchmark is not there is not run, with the reason, and the rest is", async () => {
  const [cirr] = file.benchmarks, small = { ...file, benchmarks: [cirr, file.benchmarks[2]] };
  const folder = await Deno.makeTempDir({ dir: root });
  const absolute = JSON.parse(
    JSON.stringify(small),
    (key, value) =>
      ["file", "folder", "captions", "images", "CIRR val"].includes(key) && typeof value === "string" &&
        !value.startsWith("/")
        ? `${root}/${value}`
        : value,
  );
  const testbed = await clipTestbed(await writeTestbed(folder, absolute));
  const { notRun, runs } = await planStudy(testbed, mainResults, { seeds: [1] });
  assertEquals(notRun, [
    { what: "Table 3, FashionIQ", reason: "the testbed has no fashioniq; name its folder in the testbed's file" },
    { what: "GeneCIS", reason: "the testbed has no genecis; name its folder in the testbed's file" },
    { what: "COCO", reason: "the testbed has no coco; name its folder in the testbed's file" },
  ]);
  // Baselines, three frozen encoders and three fine-tunings.
  assertEquals(runs.length, 7);
});

Deno.test("writeRun: two machines that finish the same run at once leave one result, which can be read", async () => {
  const testbed = await clipTestbed(path), { runs } = await planStudy(testbed, mainResults, options);
  const [{ key, inputs }] = runs, shared = await Deno.makeTempDir({ dir: root });
  await runStudy(testbed, { ...mainResults, variants: [] }, options);
  const run = (await readRun(cache, key, inputs))!;
  const seconds = (training: number) => ({ ...run, seconds: { ...run.seconds, training } });
  await Promise.all([1, 2, 3].map((one) => writeRun(shared, key, seconds(one))));
  assertEquals([...Deno.readDirSync(shared)].map(({ name }) => name), [`${key}.json`]);
  assert([1, 2, 3].includes((await readRun(shared, key, inputs))!.seconds.training));
});
