/** Evaluation as a user runs it, on the miniatures: from files on disk to figures, submissions and refusals. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { sha256 } from "../../lib/io/hash.ts";
import {
  cirrCaptions,
  makeCirco,
  makeCirr,
  makeCoco,
  makeFashioniq,
  makeGenecis,
  makeIcir,
  sizes,
} from "../benchmarks/miniature.ts";
import { device, runTask } from "./run_command.ts";

const model = embeddedModelFolder().pathname, phi = `${model}${phiFile("LinCIR")}`;
const cwd = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener("unload", () => Deno.removeSync(cwd, { recursive: true }));

const task = (name: string, ...args: string[]) => runTask(name, args, { cwd });
const evaluate = (benchmark: string, ...more: string[]) =>
  task(
    "evaluate",
    ...["--benchmark", benchmark, "--data", benchmark, "--clip", model, "--phi", phi],
    ...["--counts", "as-found", "--device", device, ...more],
  );
const readJson = async (file: string) => JSON.parse(await Deno.readTextFile(`${cwd}/${file}`));
const isThere = (file: string) => Deno.stat(`${cwd}/${file}`).then(() => true, () => false);

interface Result {
  rows: { name: string; parts: Record<string, { metrics: Record<string, number> }> }[];
}
const metric = ({ rows }: Result, row: string, part: string, name: string) =>
  rows.find((one) => one.name === row)!.parts[part].metrics[name];

Deno.test("CIRR in small: complete, evaluated, submitted, compared, and incomplete", async () => {
  await makeCirr(`${cwd}/cirr`);
  const complete = await task("data-check", "cirr", "--data", "cirr", "--counts", "as-found", "--decode");
  assertEquals(complete.code, 0, complete.text);
  assertStringIncludes(complete.text, `images: ${sizes.images} of ${sizes.images} are there and can be read`);
  const published = await task("data-check", "cirr", "--data", "cirr", "--split", "val");
  assertEquals(published.code, 1);
  assertStringIncludes(published.text, `it has ${sizes.queries} queries, published are 4181; is it another version`);

  const first = await evaluate("cirr");
  assertEquals(first.code, 0, first.text);
  const json = await readJson("results/cirr-val/result.json");
  const names = ["image only", "text only", "image + text sum", "image x text product", "phi + text"];
  assertEquals(json.rows.map(({ name }: { name: string }) => name), names);
  assertEquals([json.counts.cirr, json.missing, json.mode], [
    { queries: sizes.queries, gallery: sizes.images },
    undefined,
    "images",
  ]);
  // The embedded CLIP knows these drawings: composed queries find most of their targets among 40.
  assert(metric(json, "phi + text", "cirr", "R@5") > 60, first.text);
  assert(metric(json, "phi + text", "cirr", "R@50") === 100);
  assert(metric(json, "phi + text", "cirr", "R@1") > metric(json, "text only", "cirr", "R@1"));

  // SEARLE-OTI: pseudo-tokens of the benchmark's own images, named by their paths below its root.
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ woman: ["woman running"], man: ["man running"] }));
  const oti = await task(
    "train-phi",
    ...["--method", "searle-oti", "--clip", model, "--images", "cirr", "--phrases", "phrases.json"],
    ...["--recipe", "embedded", "--inversion-steps", "40", "--out", "oti.safetensors", "--device", device],
  );
  assertEquals(oti.code, 0, oti.text);
  const inverted = await evaluate("cirr", "--pseudo-tokens", "oti.safetensors", "--out", "inverted/");
  assertEquals(inverted.code, 0, inverted.text);
  assertStringIncludes(inverted.text, `${sizes.images} images were encoded before`);
  assert(metric(await readJson("inverted/result.json"), "pseudo-token + text", "cirr", "R@5") > 40, inverted.text);

  // A file that lacks references is found before anything is written.
  await Deno.mkdir(`${cwd}/two`);
  const ids = (await readJson("cirr/cirr/captions/cap.rc2.val.json")).map((row: { reference: string }) =>
    row.reference
  );
  await Deno.mkdir(`${cwd}/two/dev`);
  await Deno.copyFile(`${cwd}/cirr/dev/${ids[0]}.png`, `${cwd}/two/dev/${ids[0]}.png`);
  const few = await task(
    "train-phi",
    ...["--method", "searle-oti", "--clip", model, "--images", "two", "--phrases", "phrases.json"],
    ...["--recipe", "embedded", "--inversion-steps", "1", "--out", "few.safetensors", "--device", device],
  );
  assertEquals(few.code, 0, few.text);
  const lacking = await evaluate("cirr", "--pseudo-tokens", "few.safetensors", "--out", "lacking");
  assertEquals(lacking.code, 1);
  assertStringIncludes(lacking.err, "references of queries have none, the first is ");
  assert(!await isThere("lacking"), "something was written");

  // Of equal widths, but made for another CLIP: the file says so.
  const { arrays, metadata } = readSafetensors(await Deno.readFile(`${cwd}/oti.safetensors`), "oti.safetensors");
  const provenance = JSON.stringify({ ...JSON.parse(metadata.provenance), clip: "0".repeat(64) });
  const foreign = writeSafetensors(arrays, { ...metadata, provenance });
  await Deno.writeFile(`${cwd}/foreign.safetensors`, foreign);
  const another = await evaluate("cirr", "--pseudo-tokens", "foreign.safetensors", "--out", "foreign");
  assertEquals(another.code, 1);
  assertStringIncludes(
    another.err,
    "foreign.safetensors failed: it was made for the CLIP 0000000000000000, this CLIP is",
  );
  assert(!await isThere("foreign"), "something was written");

  // A subset of 40 images cannot fill 50 places: that, and nothing else, is what the server would refuse.
  const files = ["recall", "recall_subset"].map((kind) => `results/cirr-test1/cirr-test1-${kind}.json`);
  assertEquals((await evaluate("cirr", "--split", "test1")).code, 0);
  const checked = await task("submission-check", ...files, "--data", "cirr", "--counts", "as-found");
  assertEquals(checked.code, 1);
  assertStringIncludes(checked.text, "cirr-test1-recall_subset.json: CIRR recall_subset, 12 queries, good");
  assertStringIncludes(checked.text, "Query 100: it has 39 results, expected 50.");
  const half = await task("submission-check", files[0]);
  assertStringIncludes(half.text, 'CIRR\'s server takes two files; "CIRR recall_subset" is not among these.');

  const compared = await task("compare", "results/cirr-val/text-only.jsonl", "results/cirr-val/phi-text.jsonl");
  assertEquals(compared.code, 0, compared.text);
  assertStringIncludes(compared.text, `R@1 over ${sizes.queries} queries:`);
  assertStringIncludes(compared.text, "sign test p = ");

  const page = await Deno.readTextFile(`${cwd}/results/cirr-val/report.html`);
  assert(page.includes("data:image/jpeg;base64,") && page.includes("correct") && !page.includes("INCOMPLETE"));

  const gone = (await readJson("cirr/cirr/captions/cap.rc2.val.json"))[0].target_hard;
  await Deno.remove(`${cwd}/cirr/dev/${gone}.png`);
  const incomplete = await task("data-check", "cirr", "--data", "cirr", "--counts", "as-found");
  assertEquals(incomplete.code, 1);
  assertStringIncludes(incomplete.text, `missing: 1, the first ${gone}`);
  const refused = await evaluate("cirr", "--out", "refused");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.text, `1 of ${sizes.images} images of cirr val are missing or unreadable (${gone})`);
  assert(!await isThere("refused"), "something was written");
  const stamped = await evaluate("cirr", "--allow-missing", "--out", "stamped");
  assertEquals(stamped.code, 0, stamped.text);
  assertStringIncludes(stamped.text, "INCOMPLETE: 1 images missing (1 of the gallery; ");
  assertStringIncludes(stamped.text, "R@1 (INCOMPLETE)");
  const less = await readJson("stamped/result.json");
  assertEquals([less.missing.images, less.missing.gallery, less.missing.targets >= 1], [1, 1, true]);
  assertStringIncludes(await Deno.readTextFile(`${cwd}/stamped/report.html`), 'class="stamp" role="note">INCOMPLETE');
});

Deno.test("an evaluation of chosen methods and queries is stamped, and goes on under the same configuration alone", async () => {
  await makeCirr(`${cwd}/part`);
  const part = (...more: string[]) =>
    evaluate("cirr", "--data", "part", "--cache", "part-cache", "--out", "partial", "--limit", "5", ...more);
  const begun = await part("--methods", "text only, image only");
  assertEquals(begun.code, 0, begun.text);
  assertStringIncludes(begun.text, "R@1 (LIMITED)");
  assertStringIncludes(begun.text, "No submission is written: only a part of the queries was evaluated.");
  const json = await readJson("partial/result.json");
  assertEquals(json.rows.map(({ name }: { name: string }) => name), ["image only", "text only"]);
  assertEquals([json.limit, json.counts.cirr.queries], [5, 5]);

  // The finished rows are read and not computed again, which a mark in one of them shows.
  const file = `${cwd}/partial/text-only.jsonl`, lines = (await Deno.readTextFile(file)).trim().split("\n");
  const marked = lines.map((line) => JSON.stringify({ ...JSON.parse(line), ranks: [1] }));
  const text = marked.join("\n") + "\n";
  await Deno.writeTextFile(file, text);
  const foreign = await part("--resume");
  assertEquals(foreign.code, 1);
  assertStringIncludes(
    foreign.err,
    "partial/text-only.jsonl is not the file that the evaluation wrote, by its hash in",
  );
  const run = await readJson("partial/run.json");
  run.finished["text only"].file = await sha256(new TextEncoder().encode(text));
  await Deno.writeTextFile(`${cwd}/partial/run.json`, JSON.stringify(run));
  const resumed = await part("--resume");
  assertEquals(resumed.code, 0, resumed.text);
  const whole = await readJson("partial/result.json");
  const names = ["image only", "text only", "image + text sum", "image x text product", "phi + text"];
  assertEquals(whole.rows.map(({ name }: { name: string }) => name), names);
  assertEquals(metric(whole, "text only", "cirr", "R@1"), 100);
  assert(!resumed.err.includes("text only [") && resumed.err.includes("phi + text ["), resumed.err);

  using _lock = await lockFile(`${cwd}/partial/run.json`, "The test");
  const second = await part("--resume");
  assertEquals(second.code, 1);
  assertStringIncludes(second.err, `The evaluation failed: another process is at work on ${cwd}/partial/run.json`);
  assert(await isThere("partial/result.json"), "the second evaluation removed the first one's result");
  _lock.release();

  const other = await part("--resume", "--prompt", "[$] {text}");
  assertEquals(other.code, 1);
  assertStringIncludes(other.err, "partial/run.json was made with prompt = ");
  assertStringIncludes(other.err, "start anew without --resume, or name another --out.");
  assert(await isThere("partial/result.json"), "the refused evaluation removed the earlier result");
  const anew = await part("--methods", "text only");
  assertEquals(anew.code, 0, anew.text);
  assert(metric(await readJson("partial/result.json"), "text only", "cirr", "R@1") < 100);
});

Deno.test("everything that is wrong is told at once, and nothing is written", async () => {
  await makeCirr(`${cwd}/empty`, false);
  const before = [...Deno.readDirSync(cwd)].map(({ name }) => name).sort();
  const small = embeddedModelFolder("small").pathname.replace(/\/$/, "");
  const { code, err } = await evaluate(
    "cirr",
    ...["--data", "empty", "--phi", `${model}config.json`, "--text-encoder", small, "--pseudo-tokens", "none"],
    ...["--out", `${phi}/inside`, "--prompt", "that {text}", "--methods", "oracle"],
  );
  assertEquals(code, 1);
  for (
    const sentence of [
      "The evaluation failed before it began, for 7 reasons:\n",
      `${sizes.images} of ${sizes.images} images of cirr val are missing or unreadable`,
      `Reading ${model}config.json failed: it is a text file (JSON or HTML), expected a phi`,
      `Reading ${small}/model.safetensors failed: it was made for another CLIP; its text tower has 2 layers of width 96`,
      `Reading pseudo-tokens failed: there is no file ${cwd}/none`,
      '--methods "oracle" needs --captions.',
      'The prompt "that {text}" lacks [$] or {text}',
      `Writing into the folder ${phi}/inside failed:`,
    ]
  ) assertStringIncludes(err, sentence);

  const without = await evaluate(
    "cirr",
    ...["--data", "none", "--clip", "no-clip", "--phi", "no-phi", "--split", "text", "--captions", "no.json"],
  );
  for (
    const sentence of [
      "The evaluation failed before it began, for 4 reasons:\n",
      `Reading captions failed: there is no file ${cwd}/no.json.`,
      'there is no split "text"; there are val, test1.',
      `Reading ${cwd}/no-clip/config.json failed`,
      `Reading ${cwd}/no-phi failed: there is no such file or folder.`,
    ]
  ) assertStringIncludes(without.err, sentence);
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), before);
});

Deno.test("CIRCO in small: several targets, aspects, a submission", async () => {
  await makeCirco(`${cwd}/circo`);
  const { code, text } = await evaluate("circo", "--export", "mteb");
  assertEquals(code, 0, text);
  const json = await readJson("results/circo-val/result.json");
  const { default: { val } } = await readJson("results/circo-val/mteb/predictions/phi-text/circo-val_predictions.json");
  assertEquals([Object.keys(val).length, Object.keys(val[0]).length], [sizes.queries, sizes.images]);
  assert(metric(json, "phi + text", "circo", "mAP@10") > 20, text);
  for (const name of ["R@5", "mAP@10, addition", "mAP@10, negation"]) {
    assert(metric(json, "phi + text", "circo", name) >= 0);
  }
  assertEquals((await evaluate("circo", "--split", "test", "--methods", "phi + text")).code, 0);
  const answers = await readJson("results/circo-test/circo-test.json");
  assertEquals([Object.keys(answers).length, answers[0].length], [sizes.queries, sizes.images]);
  assert(answers[0].every(Number.isInteger));
  await Deno.writeTextFile(`${cwd}/circo/COCO2017_unlabeled/unlabeled2017/000000001000.jpg`, "no image");
  const check = ["circo", "--data", "circo", "--counts", "as-found", "--split", "val", "--decode"];
  const unreadable = await task("data-check", ...check);
  assertEquals(unreadable.code, 1);
  assertStringIncludes(unreadable.text, "unreadable: 1000: Decoding");
});

Deno.test("FashionIQ and GeneCIS in small: parts, their mean, both caption orders, boxes", async () => {
  await makeFashioniq(`${cwd}/fashioniq`);
  const fashion = await evaluate("fashioniq");
  assertEquals(fashion.code, 0, fashion.text);
  const row = (await readJson("results/fashioniq-val/result.json")).rows.at(-1);
  assertEquals(Object.keys(row.parts), ["dress", "shirt", "toptee"]);
  const figures = Object.values(row.parts as Record<string, { metrics: Record<string, number> }>);
  const mean = figures.reduce((sum, { metrics }) => sum + metrics["R@10"], 0) / 3;
  assert(Math.abs(row.mean["R@10"] - mean) < 1e-9);
  const one = await evaluate("fashioniq", "--orders", "first", "--out", "first", "--methods", "phi + text");
  assertEquals([(await readJson("first/result.json")).prompt.orders, one.code], ["first", 0]);
  const answers = (folder: string) => Deno.readTextFile(`${cwd}/${folder}/phi-text.jsonl`);
  assert(await answers("first") !== await answers("results/fashioniq-val"));

  await makeGenecis(`${cwd}/genecis`);
  const genecis = await evaluate("genecis");
  assertEquals(genecis.code, 0, genecis.text);
  const tasks = (await readJson("results/genecis-all/result.json")).rows.at(-1).parts;
  assertEquals(Object.keys(tasks), ["focus_attribute", "change_attribute", "focus_object", "change_object"]);
  // The same drawings: cut out of a larger image, or as they are.
  assert(tasks.focus_object.metrics["R@1"] > 30 && tasks.focus_attribute.metrics["R@1"] > 20, genecis.text);
});

Deno.test("COCO in small: an object cut out along its outline is the query for its image", async () => {
  await makeCoco(`${cwd}/coco`);
  const { code, text } = await evaluate("coco");
  assertEquals(code, 0, text);
  const json = await readJson("results/coco-val/result.json");
  // One image has no object that may be drawn: it is no query and is not ranked.
  assertEquals(json.counts.coco, { queries: sizes.images - 1, gallery: sizes.images - 1 });
  assertEquals(json.prompt.template, "a photo of [$] and {text}");
  assertEquals(json.prompt.textOnly, "a photo of {text}");
  const { metrics, ranks } = json.rows.at(-1).parts.coco;
  assertEquals([metrics["R@50"], metrics["R@50, image to query"]], [100, 100]);
  assert(ranks["median rank"] >= 1 && ranks["mean rank, image to query"] < sizes.images, text);
  assertStringIncludes(text, "median rank, image to query (not percent)");
  // Half of each image is the object itself, so the object alone finds it more often than chance would (2.5 %).
  assert(metric(json, "image only", "coco", "R@1") > 20, text);
});

Deno.test("i-CIR in small: each query ranks the database of its instance; compared, exported, and refused", async () => {
  await makeIcir(`${cwd}/icir`);
  const check = await task("data-check", "icir", "--data", "icir", "--counts", "as-found", "--decode");
  assertEquals(check.code, 0, check.text);
  assertStringIncludes(check.text, `icir test: ${sizes.queries} queries, 84 images to rank in 3 galleries`);
  const published = await task("data-check", "icir", "--data", "icir");
  assertStringIncludes(published.text, `it has ${sizes.queries} queries, published are 1883`);
  const { code, text } = await evaluate("icir", "--export", "mteb");
  assertEquals(code, 0, text);
  const json = await readJson("results/icir-test/result.json");
  assertEquals(json.counts.icir, { queries: sizes.queries, gallery: 84, galleries: 3 });
  const [mAP, mmAP, minmAP] = ["mAP", "mmAP", "minmAP"].map((name) => metric(json, "text only", "icir", name));
  // As many queries in each instance: both means are the same.
  assert(mAP > 20 && mAP < 95 && Math.abs(mAP - mmAP) < 1e-9 && minmAP < mAP - 1, text);
  assert(metric(json, "phi + text", "icir", "mAP") > mAP, text);
  assertStringIncludes(await Deno.readTextFile(`${cwd}/results/icir-test/report.html`), "84 images in 3 galleries");
  const lines = (file: string) =>
    Deno.readTextFileSync(`${cwd}/results/icir-test/${file}`).trim().split("\n").map((line) => JSON.parse(line));
  for (const { gallery, top } of lines("phi-text.jsonl")) {
    assertEquals([top.length, top.every((id: string) => id.startsWith(`database/${gallery}/`))], [28, true]);
  }
  const ranked = lines("mteb/data/top_ranked.jsonl");
  assertEquals(ranked.map((line) => line["corpus-ids"].length), Array(sizes.queries).fill(28));
  const compared = await task(
    "compare",
    ...["text-only", "phi-text"].map((row) => `results/icir-test/${row}.jsonl`),
    ...["--metric", "mAP"],
  );
  assertEquals(compared.code, 0, compared.text);
  assertStringIncludes(compared.text, `mAP over ${sizes.queries} queries: ${mAP.toFixed(2)} -> `);

  assertStringIncludes(compared.text, "(95 %, paired bootstrap over instances, with all queries of each)");

  // What is wrong with both lists, and with the CLIP, is told at once.
  for (const name of ["query_files.csv", "database_files.csv"]) {
    await Deno.writeTextFile(`${cwd}/icir/${name}`, "image_path,text_query,instance_id\n", { append: true });
    const lines = (await Deno.readTextFile(`${cwd}/icir/${name}`)).trimEnd().split("\n");
    await Deno.writeTextFile(`${cwd}/icir/${name}`, [lines.at(-1), ...lines.slice(0, -1), lines[0]].join("\n"));
  }
  const wrong = await evaluate("icir", "--clip", "no-clip", "--out", "wrong");
  assertEquals(wrong.code, 1);
  for (
    const sentence of [
      `  - Reading ${cwd}/icir/query_files.csv failed: line 1 is `,
      `  - Reading ${cwd}/icir/database_files.csv failed: line 1 is `,
      `  - Reading ${cwd}/icir/query_files.csv failed: line 14 is the query `,
      "no-clip",
    ]
  ) assertStringIncludes(wrong.err, sentence);
  assert(!await isThere("wrong"), "something was written");
});

Deno.test("evaluate: the released programs' choices are named in the result", async () => {
  await makeCirr(`${cwd}/named`);
  const run = async (out: string, ...more: string[]) => {
    const { code, text } = await evaluate("cirr", "--data", "named", "--out", out, ...more);
    assertEquals(code, 0, text);
    return { text, json: await readJson(`${out}/result.json`) };
  };
  const plain = await run("plain"),
    options = ["--wording", "pic2word", "--sum", "raw", "--centre-crop", "even", "--half"];
  const named = await run("released", ...options);
  assertStringIncludes(named.text, "R@1 (PIC2WORD'S WORDING)");
  assertEquals([plain.json.wording, plain.json.prompt.sum, plain.json.precision], ["paper", undefined, "32 bits"]);
  assertEquals([named.json.wording, named.json.prompt.template, named.json.prompt.sum], [
    "pic2word",
    "a photo of [$] , {text}",
    "raw",
  ]);
  assertEquals(named.json.precision, "32 bits, weights rounded to half precision");
  assertEquals([plain.json.preprocessing.centreHalf, named.json.preprocessing.centreHalf], [undefined, "even"]);
  // The embedded weights are stored in half precision: the features stay, the models' names do not.
  assertEquals(named.json.features.hash, plain.json.features.hash);
  assert(named.json.phi.hash !== plain.json.phi.hash);
  assert(named.json.clip.weights !== plain.json.clip.weights && named.json.clip.identity !== plain.json.clip.identity);
  // A run that is resumed with another choice is refused by its first difference.
  const resumed = await evaluate("cirr", "--data", "named", "--out", "plain", "--resume", "--wording", "pic2word");
  assertEquals(resumed.code, 1);
  assertStringIncludes(resumed.text, 'wording = undefined, requested is "pic2word"');
  const wrong = await evaluate("cirr", "--data", "named", "--wording", "lincir-genecis");
  assertStringIncludes(wrong.text, 'the wording "lincir-genecis" is of genecis alone, not of cirr; leave it out.');
});

Deno.test("captions in the place of images are a mode of their own, and say so", async () => {
  await makeCirr(`${cwd}/captioned`, false);
  const captions = [...await cirrCaptions()].map(([candidate, captions]) => ({ candidate, captions }));
  await Deno.writeTextFile(`${cwd}/captions.json`, JSON.stringify(captions));
  const args = ["--data", "captioned", "--captions", "captions.json"];
  const { code, text } = await evaluate("cirr", ...args);
  assertEquals(code, 0, text);
  assertStringIncludes(text, "CAPTIONS IN THE PLACE OF IMAGES: gallery and references are texts");
  assertStringIncludes(text, "encoding captions [####################]");
  assertStringIncludes(text, "R@1 (CAPTIONS)");
  assertStringIncludes(text, "results/cirr-val-captions/cirr-val-from-captions-recall.json");
  const json = await readJson("results/cirr-val-captions/result.json");
  assertEquals(json.mode, "captions in the place of images");
  const names = json.rows.map(({ name }: { name: string }) => name);
  assert(names.includes("caption + text") && names.includes("oracle"));
  // The submission is not the oracle's, which knows the targets.
  const submission = await readJson("results/cirr-val-captions/cirr-val-from-captions-recall.json");
  const [line] = (await Deno.readTextFile(`${cwd}/results/cirr-val-captions/phi-text.jsonl`)).split("\n");
  assertEquals(submission["100"], JSON.parse(line).top);
  await Deno.writeTextFile(`${cwd}/captions.json`, JSON.stringify(captions.slice(1)));
  const refused = await evaluate("cirr", ...args);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.text, `1 of ${sizes.images} captions of cirr val are missing`);
  const both = await evaluate("cirr", ...args, "--pseudo-tokens", "none");
  assertEquals(both.code, 1);
  assertStringIncludes(both.err, "--pseudo-tokens and --captions exclude each other: captions replace the images");
});
