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
import { tripletSources } from "../../lib/studies/triplet_sources.ts";
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
    ["SEARLE", [true, false]],
    ["Pic2Word", [true]],
  ]);
  assertEquals(testbed.tripletSources[1].about, "made by rule (40 triplets)");
  assertEquals(testbed.captioned, "CIRR val");
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

Deno.test("clipTestbed: unknown keys and wrong types of the file are told with what its right entries lead to", async () => {
  const folder = await Deno.makeTempDir();
  const wrong = {
    ...file,
    benchmark: [],
    clips: [
      { name: "small", foldr: "nowhere", phis: [] },
      // Its benchmark may be the wrong one.
      {
        name: "gone",
        folder: "gone",
        phis: [{ name: "LinCIR", file: "gone.pt" }],
        pseudoTokens: { CIRR: "gone.tokens" },
      },
    ],
    triplets: [{ name: "llm", file: "llm.jsonl" }],
    benchmarks: [{ benchmark: "cirrr", folder: 3, limit: 0 }],
  };
  const error = await assertRejects(async () => await clipTestbed(await writeTestbed(folder, wrong)), AggregateError);
  const of = `Reading the testbed ${folder}/testbed.json failed: `;
  const told = error.errors.map(({ message }) => message.replace(of, "").replaceAll(`${folder}/`, ""));
  assertEquals(told.slice(7), [
    "Reading gone/config.json failed: there is no such file; is this a CLIP model's folder?",
    "Reading phi gone.pt failed: there is no such file or folder.",
    "Reading gone.tokens failed: there is no such file or folder.",
    "Reading triplets failed: llm.jsonl: there is no such file.",
    "Reading captions failed: corpus.txt: there is no such file.",
  ]);
  assertEquals(told.slice(0, 7), [
    "clips[0].folder is missing.",
    'clips[0].foldr is no key; did you mean "folder"?',
    "clips[0].phis has 0 entries, expected at least 1.",
    'benchmarks[0].benchmark is "cirrr", expected one of "cirr", "circo", "fashioniq", "genecis", "coco", "icir"; did you mean "cirr"?',
    "benchmarks[0].folder is 3, expected a text.",
    "benchmarks[0].limit is 0, expected at least 1.",
    "benchmark is no key; there are $schema, name, about, recipe, cache, clips, triplets, keptCaptions, benchmarks.",
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
      ["file", "folder", "captions", "images", "phrases", "keptCaptions", "CIRR val"].includes(key) &&
        typeof value === "string" &&
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

Deno.test("clipTestbed: triplets of a model, of people and of another domain are files of any form, each with half of the first", async () => {
  const folder = await Deno.makeTempDir({ dir: root }), lines = (await Deno.readTextFile(`${root}/rule.jsonl`)).trim();
  const rows = lines.split("\n").map((line) => JSON.parse(line));
  const made = rows.map(({ input, edit, output }) =>
    JSON.stringify({ reference: input, conditioning: edit, target: output })
  );
  await Deno.writeTextFile(`${folder}/made.jsonl`, made.join("\n"));
  const table = rows.map(({ input, edit, output }) => [input, edit, output].map((text) => `"${text}"`).join(","));
  await Deno.writeTextFile(`${folder}/domain.csv`, ["before,change,after", ...table].join("\n"));
  // CIRR's texts are people's; its rows name images, whose captions come from a file.
  const people = `${root}/CIRR/cirr/captions/cap.rc2.val.json`, [clip] = file.clips, [cirr] = file.benchmarks;
  const testbed = await clipTestbed(
    await writeTestbed(folder, {
      ...{ name: "sources", recipe: file.recipe, cache: `${root}/features` },
      clips: [{
        name: clip.name,
        folder: clip.folder,
        phis: clip.phis.slice(0, 1).map(({ name, file }) => ({ name, file })),
      }],
      triplets: [
        { name: "llm", file: `${root}/llm.jsonl` },
        { name: "in-context", file: "made.jsonl" },
        { name: "people", file: people, captions: [`${root}/captions.json`] },
        { name: "other domain", file: "domain.csv", columns: "reference=before,conditioning=change,target=after" },
      ],
      benchmarks: [{ ...cirr, folder: `${root}/CIRR`, captions: `${root}/captions.json` }],
    }),
  );
  assertEquals(testbed.tripletSources.slice(1).map(({ about }) => about), [
    "40 triplets",
    "12 triplets",
    "40 triplets",
  ]);
  const { rows: results, notRun, ...result } = await runStudy(testbed, tripletSources, options);
  assertEquals(
    results.filter(({ step }) => step > 0).map(({ variant, reference }) => `${variant} over ${reference?.variant}`),
    [
      "llm over frozen",
      "in-context over frozen",
      "people over frozen",
      "other domain over frozen",
      "half llm, half in-context over llm",
      "half llm, half people over llm",
      "half llm, half other domain over llm",
    ],
  );
  assert(result.table().markdown().includes("3.5"), "the paper's figure stands beside");
  const named = (name: string) =>
    `the testbed has no triplets called "${name}"; name a file of them in the testbed's file: `;
  assertEquals(notRun.map(({ what, reason }) => `${what}: ${reason}`), [
    `Table 7, rule-based: ${named("rule")}"deno task triplets make --method rule" makes one from captions`,
    `Table 7, CASE: ${named("case")}LaSCo's annotations are one, with a file of COCO's captions`,
    `Table 7, CoVR: ${named("covr")}WebVid-CoVR's annotations are one`,
  ]);
});

Deno.test("writeRun: two machines that finish the same run at once leave one result, which can be read", async () => {
  const testbed = await clipTestbed(path), { runs } = await planStudy(testbed, mainResults, options);
  const [{ key, inputs }] = runs, shared = await Deno.makeTempDir({ dir: root });
  await runStudy(testbed, { ...mainResults, variants: [] }, options);
  const run = (await readRun(cache, key, inputs))!;
  const seconds = (training: number) => ({ ...run, seconds: { ...run.seconds, training } });
  await Promise.all([1, 2, 3].map((one) => writeRun(shared, key, seconds(one))));
  assertEquals([...Deno.readDirSync(shared)].map(({ name }) => name), [`${key}.json.gz`]);
  assert([1, 2, 3].includes((await readRun(shared, key, inputs))!.seconds.training));
});
