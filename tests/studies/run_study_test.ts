import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { useDevice } from "../../lib/backend/device.ts";
import { runStudy, type RunStudyOptions } from "../../lib/studies/run_study.ts";
import type { Study } from "../../lib/studies/study.ts";
import { studyNotes } from "../../lib/studies/study_notes.ts";
import { evaluationOf, rowName, scoresOf } from "../../lib/studies/study_rows.ts";
import { devicesOf } from "../../lib/studies/study_run.ts";
import { figure } from "../../lib/report/figure.ts";
import { table } from "../../lib/report/table.ts";
import { saveStudy } from "../../lib/studies/save_study.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed();

/** Two fine-tunings, one of them evaluated on the way. */
const study = {
  name: "made",
  title: "A study of this test",
  asks: "Does it run?",
  clips: "first",
  phis: "first",
  variants: [
    { name: "RTD", training: { method: "RTD" }, at: [0.5], queries: [{}, { name: "with SEARLE", phi: "SEARLE" }] },
    { name: "naive", training: { method: "naive", anchor: true } },
  ],
} satisfies Study;

async function temporary(work: (options: RunStudyOptions, cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  await work({ seeds: [1, 2], cache, device }, cache);
  await Deno.remove(cache, { recursive: true });
}

const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Everything of a result but what two runs of the same thing may differ in. */
const figures = ({ rows }: Awaited<ReturnType<typeof runStudy>>) =>
  rows.map((row) => [
    ...[row.clip, row.phi, row.variant, row.step, row.queryIndex],
    row.finished.map((run) => [run.losses, evaluationOf(row, run)]),
  ]);

Deno.test("runStudy: trains and evaluates once, reads what is cached, and frees every tensor", async () => {
  await temporary(async (options, cache) => {
    const before = tf.memory().numTensors, doing: string[] = [];
    const made = await runStudy(testbed, study, { ...options, onProgress: (at) => void doing.push(at.doing) });
    assertEquals(tf.memory().numTensors, before);
    // Baselines, the frozen encoder, and two seeds of two variants.
    assertEquals(files(cache).length, 1 + 1 + 4);
    assert(files(cache).every((name) => /^[0-9a-f]{16}\.json\.gz$/.test(name)));
    assert(doing.includes("small, LinCIR, RTD, seed 2"));
    assertEquals([made.unfinished, made.unused, made.notRun], [0, [], []]);
    assertEquals(made.rows.map(({ variant, step, query }) => `${variant} ${step} ${query.phi}`), [
      "image only 0 undefined",
      "text only 0 undefined",
      "image + text sum 0 undefined",
      "image x text product 0 undefined",
      "frozen 0 LinCIR",
      "RTD 1 LinCIR",
      "RTD 1 SEARLE",
      "RTD 2 LinCIR",
      "RTD 2 SEARLE",
      "naive 2 LinCIR",
      "oracle 0 undefined",
    ]);
    const [row] = made.rows.filter(({ variant, last }) => variant === "RTD" && last), [main] = testbed.benchmarks;
    const [scores] = scoresOf(row, main.name);
    assertEquals(scores.scores.length, main.queries.length);
    // The headline is the mean over the kinds of edit of the queries' own scores.
    const kinds = Map.groupBy(main.queries.keys(), (at) => main.queries[at].stratum);
    const means = [...kinds.values()].map((at) => at.reduce((sum, i) => sum + scores.scores[i], 0) / at.length);
    const mean = 100 * means.reduce((sum, one) => sum + one) / means.length;
    assert(Math.abs(scores.headline - mean) < 1e-9, `${scores.headline} for ${mean}`);
    assert(scores.targetCosine! > -1 && scores.targetCosine! < 1);
    assertEquals(row.reference?.variant, "frozen");
    assertEquals(row.finished[0].losses.length, 2);

    const closed = { ...testbed, open: () => Promise.reject(new Error("a CLIP was opened")) };
    const again = await runStudy(closed, study, options);
    assertEquals(figures(again), figures(made));
    assertEquals(again.table().text(), made.table().text());
    assertEquals(Object.keys(await again[jupyterDisplay]()), ["text/html", "text/markdown", "text/plain"]);
    const other = await assertRejects(() => runStudy(closed, study, { ...options, changes: { steps: 3 } }), Error);
    assertEquals(other.message, "a CLIP was opened");
  });
});

Deno.test("runStudy: stopped between two steps and called again, it ends with the figures of a run that was not", async () => {
  await temporary(async (options, cache) => {
    const whole = await runStudy(testbed, study, options), stop = new AbortController();
    const other = `${cache}/other`;
    const stopping = runStudy(testbed, study, {
      ...options,
      cache: other,
      signal: stop.signal,
      async onProgress({ doing, done }) {
        // After the first of the two steps of the first fine-tuning.
        if (!doing.includes("RTD") || done % 1 !== 0.5) return;
        await new Promise((go) => setTimeout(go, 1000));
        stop.abort(new Error("stopped"));
      },
    });
    await assertRejects(() => stopping, Error, "stopped");
    assertEquals(files(other).filter((name) => name.endsWith(".checkpoint.safetensors")).length, 1);
    const elsewhere = { ...device, name: "another machine" };
    const resumed = await runStudy(testbed, study, { ...options, device: elsewhere, cache: other });
    assertEquals(figures(resumed), figures(whole));
    // The time before the stop counts, the second of waiting among it.
    const seconds = (result: typeof whole) =>
      result.rows.find(({ variant }) => variant === "RTD")!.finished[0].seconds.training;
    assert(seconds(resumed) >= 1, `${seconds(resumed)} s of training, ${seconds(whole)} s uninterrupted`);
    assertEquals(files(other).filter((name) => !name.endsWith(".json.gz")), []);
    // The run that was resumed elsewhere names both devices, the next one its own.
    const [both, one] = resumed.rows.find(({ variant }) => variant === "RTD")!.finished;
    assertEquals([both, one].map(devicesOf), [[device, elsewhere], [elsewhere]]);
    assert(studyNotes(resumed).some((note) => note.includes(`${device.name}; `) && note.includes("another machine")));
    assertEquals(rowName(resumed.rows.find(({ step, last }) => step === 1 && !last)!), "RTD, 1 step");
  });
});

Deno.test("runStudy: a damaged run and one under another's name are refused, those of an older version, and not packed, are named and not used", async () => {
  await temporary(async (options, cache) => {
    const frozen = { ...study, variants: [] };
    await runStudy(testbed, frozen, options);
    const [one, other] = files(cache).map((name) => `${cache}/${name}`), bytes = await Deno.readFile(one);
    for (const damaged of [gzipSync("{}"), bytes.slice(0, 99), gzipSync("null"), gunzipSync(bytes)]) {
      await Deno.writeFile(one, damaged);
      await assertRejects(() => runStudy(testbed, frozen, options), Error, "it is damaged, or no run; delete the file");
    }
    await Deno.copyFile(other, one);
    await assertRejects(() => runStudy(testbed, frozen, options), Error, "it is not the run that its name says");
    await Deno.writeFile(one, bytes);
    await Deno.writeFile(`${cache}/unpacked.json`, gunzipSync(bytes));
    const run = JSON.parse(gunzipSync(bytes).toString());
    const old = JSON.stringify({ ...run, inputs: { ...run.inputs, version: 0 } });
    await Deno.writeFile(`${cache}/old.json.gz`, gzipSync(old));
    const { unused } = await runStudy(testbed, frozen, options);
    assertEquals(unused, ["old.json.gz", "unpacked.json"]);
    await Deno.rename(`${cache}/unpacked.json`, one.replace(/\.gz$/, ""));
    await Deno.remove(one);
    await assertRejects(() => runStudy(testbed, frozen, options), Error, "it is not packed; pack it (gzip FILE)");
  });
});

Deno.test("saveStudy: each section that is a figure is an SVG named after it, beside the tables and the page", async () => {
  await temporary(async (options, cache) => {
    const chart = figure({
      ...{ kind: "line", title: "Loss", xTitle: "step", yTitle: "loss" },
      series: [{ name: "one", x: [1, 2], y: [2, 1] }],
    });
    const sections = [{ title: "Loss, by step", shows: chart }, { title: "Table", shows: table(["a"], [["1"]]) }];
    const result = await runStudy(testbed, { ...study, variants: [], more: () => sections }, options);
    await saveStudy(result, `${cache}/out`);
    assertEquals(files(`${cache}/out`), [
      ...["figures.csv", "loss_by_step.svg", "report.html", "result.json", "table.csv", "table.tex"],
    ]);
    assertEquals(await Deno.readTextFile(`${cache}/out/loss_by_step.svg`), chart.svg());
  });
});

Deno.test("runStudy: shares are disjoint, and together they are the whole, run for run", async () => {
  await temporary(async (options, cache) => {
    const whole = await runStudy(testbed, study, { ...options, cache: `${cache}/whole` });
    const first = await runStudy(testbed, study, { ...options, shard: { index: 1, of: 2 } });
    assertEquals([first.unfinished, files(cache).filter((name) => name.endsWith(".json.gz")).length], [3, 3]);
    const second = await runStudy(testbed, study, { ...options, shard: { index: 2, of: 2 } });
    assertEquals([second.unfinished, figures(second)], [0, figures(whole)]);
    assertEquals(files(cache).filter((name) => name !== "whole"), files(`${cache}/whole`));
  });
});

Deno.test("runStudy: what the testbed cannot run is listed with the reason, and the rest is run", async () => {
  await temporary(async (options) => {
    const poor = {
      ...testbed,
      methods: testbed.methods.filter((method) => method !== "oracle"),
      conditioning: ["null" as const],
      clips: testbed.clips.map((clip) => ({ ...clip, pseudoTokens: undefined })),
    };
    const result = await runStudy(poor, {
      ...study,
      frozen: [{ name: "inverted", method: "pseudo-token + text" }],
      variants: [
        { name: "no text", queries: [{ conditioning: "null" }, { name: "p", conditioning: "paraphrased" }] },
        { name: "by rule", training: { method: "RTD", triplets: ["made", "edits"] } },
        { name: "other phi", queries: [{ phi: "none" }] },
      ],
    }, { ...options, phis: ["LinCIR", "LinCir"] });
    assertEquals(result.notRun.map(({ what, reason }) => `${what}: ${reason}`), [
      "small, LinCir: there is no phi of this name for this CLIP",
      "small, oracle: it needs captions of the images, which the testbed does not have",
      "small, inverted: there are no inverted pseudo-tokens of this CLIP",
      "small, LinCIR, no text, p: its conditioning texts cannot be paraphrased: the testbed does not have what it needs",
      "small, LinCIR, by rule: there are no triplets called made; there are edits, rule, difference, other domain",
      'small, LinCIR, other phi: there is no phi "none" for this CLIP',
    ]);
    assertEquals(result.rows.map(({ variant }) => variant).slice(-2), ["frozen", "no text"]);
    const lora = { rank: 2, alpha: 2, matrices: "qv" as const };
    const adapted = await runStudy(poor, { ...study, variants: study.variants.slice(1) }, {
      ...options,
      changes: { lora },
    });
    assertEquals(adapted.notRun.at(-1), {
      what: "small, LinCIR, naive",
      reason: "naive fine-tuning has no LoRA; leave lora out of the recipe",
    });
    await assertRejects(
      () => runStudy(poor, study, { ...options, clips: ["huge"] }),
      Error,
      'the testbed has no CLIP "huge"; there are small, base.',
    );
  });
});
