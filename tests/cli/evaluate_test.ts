/** The tasks as a user runs them, on the miniatures: from files on disk to figures, submissions and refusals. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addonState } from "../../lib/backend/tensorflow.ts";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { makeCirco, makeCirr, makeCoco, makeFashioniq, makeGenecis, sizes } from "../benchmarks/miniature.ts";

const model = embeddedModelFolder().pathname;
const cwd = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(cwd, { recursive: true }));

async function task(script: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const path = new URL(`../../scripts/${script}.ts`, import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, path, ...args],
    cwd,
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const evaluate = (benchmark: string, ...more: string[]) =>
  task(
    "evaluate",
    ...["--benchmark", benchmark, "--data", benchmark, "--clip", model, "--phi", `${model}${phiFile("LinCIR")}`],
    ...["--counts", "as-found", "--device", addonState().ready ? "tensorflow" : "wasm", ...more],
  );
const result = async (folder: string) => JSON.parse(await Deno.readTextFile(`${cwd}/${folder}/result.json`));
const metric = (
  json: { rows: { name: string; parts: Record<string, { metrics: Record<string, number> }> }[] },
  row: string,
  part: string,
  name: string,
) => json.rows.find((one) => one.name === row)!.parts[part].metrics[name];

Deno.test("CIRR in small: complete, evaluated, submitted, compared, and incomplete", async () => {
  await makeCirr(`${cwd}/cirr`);
  const complete = await task("data_check", "cirr", "--root", "cirr", "--counts", "as-found", "--decode");
  assertEquals(complete.code, 0, complete.text);
  assertStringIncludes(complete.text, `images: ${sizes.images} of ${sizes.images} are there and can be read`);
  const published = await task("data_check", "cirr", "--root", "cirr", "--split", "val");
  assertEquals(published.code, 1);
  assertStringIncludes(published.text, `it has ${sizes.queries} queries, published are 4181; is it another version`);

  const first = await evaluate("cirr");
  assertEquals(first.code, 0, first.text);
  const json = await result("results/cirr-val");
  assertEquals(json.rows.map(({ name }: { name: string }) => name), [
    "image only",
    "text only",
    "image + text sum",
    "phi + text",
  ]);
  assertEquals([json.counts.cirr, json.missing, json.mode], [
    { queries: sizes.queries, gallery: sizes.images },
    undefined,
    "images",
  ]);
  // The embedded CLIP knows these drawings: composed queries find most of their targets among 40.
  assert(metric(json, "phi + text", "cirr", "R@5") > 60, first.text);
  assert(metric(json, "phi + text", "cirr", "R@50") === 100);
  assert(metric(json, "phi + text", "cirr", "R@1") > metric(json, "text only", "cirr", "R@1"));
  const again = await evaluate("cirr");
  assertStringIncludes(again.text, `${sizes.images} images were encoded before`);

  // SEARLE-OTI: words found for the benchmark's own images, named by their paths below its root.
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ woman: ["woman running"], man: ["man running"] }));
  const oti = await task(
    "train_phi",
    ...["--method", "searle-oti", "--clip", model, "--images", "cirr", "--phrases", "phrases.json"],
    ...["--recipe", "embedded", "--inversion-steps", "40", "--out", "oti.safetensors"],
  );
  assertEquals(oti.code, 0, oti.text);
  const inverted = await evaluate("cirr", "--inverted", "oti.safetensors", "--out", "inverted");
  assertEquals(inverted.code, 0, inverted.text);
  assert(metric(await result("inverted"), "inverted + text", "cirr", "R@5") > 40, inverted.text);

  // A subset of 40 images cannot fill 50 places: that, and nothing else, is what the server would refuse.
  const files = ["recall", "recall_subset"].map((kind) => `results/cirr-test1/cirr-test1-${kind}.json`);
  assertEquals((await evaluate("cirr", "--split", "test1")).code, 0);
  const checked = await task("submission_check", ...files, "--data", "cirr", "--counts", "as-found");
  assertEquals(checked.code, 1);
  assertStringIncludes(checked.text, "cirr-test1-recall_subset.json: CIRR recall_subset, 12 queries, good");
  assertStringIncludes(checked.text, "Query 100: it has 39 answers, expected 50.");
  const half = await task("submission_check", files[0]);
  assertStringIncludes(half.text, 'CIRR\'s server takes two files; "CIRR recall_subset" is not among these.');

  const compared = await task("compare", "results/cirr-val/text-only.jsonl", "results/cirr-val/phi-text.jsonl");
  assertEquals(compared.code, 0, compared.text);
  assertStringIncludes(compared.text, `R@1 over ${sizes.queries} queries:`);
  assertStringIncludes(compared.text, "sign test p = ");

  const page = await Deno.readTextFile(`${cwd}/results/cirr-val/report.html`);
  assert(page.includes("data:image/jpeg;base64,") && page.includes('class="p right"') && !page.includes("INCOMPLETE"));

  const gone = (JSON.parse(await Deno.readTextFile(`${cwd}/cirr/cirr/captions/cap.rc2.val.json`)))[0].target_hard;
  await Deno.remove(`${cwd}/cirr/dev/${gone}.png`);
  const incomplete = await task("data_check", "cirr", "--root", "cirr", "--counts", "as-found");
  assertEquals(incomplete.code, 1);
  assertStringIncludes(incomplete.text, `missing: 1, the first ${gone}`);
  const refused = await evaluate("cirr", "--out", "refused");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.text, `1 of ${sizes.images} images are missing or unreadable (${gone})`);
  assert(!await Deno.stat(`${cwd}/refused`).then(() => true, () => false), "something was written");
  const stamped = await evaluate("cirr", "--allow-missing", "--out", "stamped");
  assertEquals(stamped.code, 0, stamped.text);
  assertStringIncludes(stamped.text, "INCOMPLETE: 1 images missing (1 of the gallery; ");
  assertStringIncludes(stamped.text, "R@1 (INCOMPLETE)");
  const less = await result("stamped");
  assertEquals([less.missing.images, less.missing.gallery, less.missing.targets >= 1], [1, 1, true]);
  assertStringIncludes(await Deno.readTextFile(`${cwd}/stamped/report.html`), 'class="stamp">INCOMPLETE');
});

Deno.test("CIRCO in small: several answers, aspects, a submission", async () => {
  await makeCirco(`${cwd}/circo`);
  const { code, text } = await evaluate("circo");
  assertEquals(code, 0, text);
  const json = await result("results/circo-val");
  assert(metric(json, "phi + text", "circo", "mAP@10") > 20, text);
  for (const name of ["R@5", "mAP@10, addition", "mAP@10, negation"]) {
    assert(metric(json, "phi + text", "circo", name) >= 0);
  }
  assertEquals((await evaluate("circo", "--split", "test")).code, 0);
  const file = `${cwd}/results/circo-test/circo-test.json`;
  const answers = JSON.parse(await Deno.readTextFile(file));
  assertEquals([Object.keys(answers).length, answers[0].length], [sizes.queries, sizes.images]);
  assert(answers[0].every(Number.isInteger));
  await Deno.writeTextFile(`${cwd}/circo/COCO2017_unlabeled/unlabeled2017/000000001000.jpg`, "no image");
  const unreadable = await task(
    "data_check",
    "circo",
    "--root",
    "circo",
    "--counts",
    "as-found",
    "--split",
    "val",
    "--decode",
  );
  assertEquals(unreadable.code, 1);
  assertStringIncludes(unreadable.text, "unreadable: 1000: Decoding");
});

Deno.test("FashionIQ and GeneCIS in small: parts, their mean, both caption orders, boxes", async () => {
  await makeFashioniq(`${cwd}/fashioniq`);
  const fashion = await evaluate("fashioniq");
  assertEquals(fashion.code, 0, fashion.text);
  const json = await result("results/fashioniq-val");
  const row = json.rows.at(-1);
  assertEquals(Object.keys(row.parts), ["dress", "shirt", "toptee"]);
  const values = Object.values(row.parts as Record<string, { metrics: Record<string, number> }>).map(({ metrics }) =>
    metrics["R@10"]
  );
  assert(Math.abs(row.mean["R@10"] - values.reduce((a, b) => a + b) / 3) < 1e-9);
  const one = await evaluate("fashioniq", "--orders", "first", "--out", "first");
  assertEquals([(await result("first")).wordings.orders, one.code], ["first", 0]);
  assert(
    await Deno.readTextFile(`${cwd}/first/phi-text.jsonl`) !==
      await Deno.readTextFile(`${cwd}/results/fashioniq-val/phi-text.jsonl`),
  );

  await makeGenecis(`${cwd}/genecis`);
  const genecis = await evaluate("genecis");
  assertEquals(genecis.code, 0, genecis.text);
  const tasks = (await result("results/genecis-all")).rows.at(-1).parts;
  assertEquals(Object.keys(tasks), ["focus_attribute", "change_attribute", "focus_object", "change_object"]);
  // The same drawings: cut out of a larger image, or as they are.
  assert(tasks.focus_object.metrics["R@1"] > 30 && tasks.focus_attribute.metrics["R@1"] > 20, genecis.text);
});

Deno.test("COCO in small: an object cut out along its outline asks for its image", async () => {
  await makeCoco(`${cwd}/coco`);
  const { code, text } = await evaluate("coco");
  assertEquals(code, 0, text);
  const json = await result("results/coco-val");
  // One image has a crowd alone, one has objects of one class alone: neither is a query, both stay in the gallery.
  assertEquals(json.counts.coco, { queries: sizes.images - 2, gallery: sizes.images });
  assertEquals(json.wordings.prompt, "a photo of [$] and {text}");
  // Half of each image is the object itself, so the object alone finds it more often than chance would (2.5 %).
  assert(metric(json, "image only", "coco", "R@1") > 20, text);
});

Deno.test("captions in the place of images are a mode of their own, and say so", async () => {
  await makeCirr(`${cwd}/cirr-captions`);
  const rows = JSON.parse(await Deno.readTextFile(`${cwd}/cirr-captions/cirr/image_splits/split.rc2.val.json`));
  const words = ["red heart", "blue heart", "woman running", "man cook", "green apple"];
  const captions = Object.keys(rows).map((candidate, i) => ({
    candidate,
    captions: [words[i % 5], words[(i + 1) % 5]],
  }));
  await Deno.writeTextFile(`${cwd}/captions.json`, JSON.stringify(captions));
  const args = ["--data", "cirr-captions", "--captions", "captions.json", "--out", "captions"];
  const { code, text } = await evaluate("cirr", ...args);
  assertEquals(code, 0, text);
  assertStringIncludes(text, "CAPTIONS IN THE PLACE OF IMAGES: gallery and references are texts");
  const json = await result("captions");
  assertStringIncludes(text, "R@1 (CAPTIONS)");
  assertStringIncludes(text, "captions/cirr-val-from-captions-recall.json");
  assertEquals(json.mode, "captions in the place of images");
  assertEquals(json.rows.map(({ name }: { name: string }) => name).includes("plain text"), true);
  await Deno.writeTextFile(`${cwd}/captions.json`, JSON.stringify(captions.slice(1)));
  const refused = await evaluate("cirr", ...args);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.text, `1 of ${sizes.images} images are missing`);
});
