/** RTD's training as a user runs it, on the embedded CLIP as a folder, made triplets and a miniature of CIRR. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";
import { makeCirr } from "../benchmarks/miniature.ts";
import { device, runTask, startTask } from "./run_command.ts";

const clip = embeddedModelFolder().pathname, phi = `${clip}${phiFile("LinCIR")}`;
const colours = ["red", "green", "blue", "black", "white"], nouns = ["apple", "heart", "book", "car", "hat"];
const cwd = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener("unload", () => Deno.removeSync(cwd, { recursive: true }));
await Deno.writeTextFile(
  `${cwd}/triplets.jsonl`,
  nouns.flatMap((noun) =>
    colours.map((colour, i) => {
      const next = colours[(i + 1) % colours.length];
      return JSON.stringify({
        reference_caption: `${colour} ${noun}`,
        conditioning_caption: `is ${next}`,
        target_caption: `${next} ${noun}`,
      });
    })
  ).join("\n"),
);
await Deno.writeTextFile(
  `${cwd}/many.jsonl`,
  Array.from({ length: 60_000 }, (_, i) =>
    JSON.stringify({
      reference_caption: `${colours[i % 5]} ${nouns[i % 3]} ${i}`,
      conditioning_caption: `is ${i}`,
      target_caption: `${colours[i % 4]} ${i}`,
    })).join("\n"),
);
await makeCirr(`${cwd}/cirr`);

const models = ["--clip", clip, "--phi", phi, "--triplets", "triplets.jsonl", "--device", device];
const validation = ["--validate", "cirr", "--data", "cirr", "--counts", "as-found", "--every", "20"];
const short = ["--set", "lr=3e-4,steps=60,batch=8"];
const train = (...args: string[]) => runTask("train", args, { cwd });
const names = (folder: string) => [...Deno.readDirSync(`${cwd}/${folder}`)].map(({ name }) => name).sort();
const isThere = (file: string) => Deno.stat(`${cwd}/${file}`).then(() => true, () => false);

/** What of a log does not depend on the clock. */
async function logOf(folder: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${cwd}/${folder}/metrics.jsonl`);
  return text.trim().split("\n").map((line) => {
    const { step, loss, rate, gradientNorm, validation } = JSON.parse(line);
    return { step, loss, rate, gradientNorm, validation };
  });
}

const weightsIn = async (file: string) => readSafetensors(await Deno.readFile(`${cwd}/${file}`), file);
const weightsOf = (folder: string) => weightsIn(`${folder}/model.safetensors`);

Deno.test("train: killed at random moments it ends as if left alone, with its validations and the best encoder", async () => {
  const straight = await train(...models, ...short, ...validation, "--out", "straight");
  assertEquals(straight.code, 0, straight.text);
  assert(
    /a step needs about \d+ MB of tensors \(frozen \d+ MB, .*\); with libraries and gaps \d+ MB\n/.test(straight.out),
  );
  assert(/\n60 steps, about \d+ (s|min) on this device\n/.test(straight.out), straight.out);
  assert(/written in \d+ (s|min), with \d\.\d GB at most: best\/ and last\/,/.test(straight.out), straight.out);
  assertEquals(names("straight"), [
    "best",
    "checkpoint.safetensors",
    "events.out.tfevents.0.rtd",
    "last",
    "metrics.jsonl",
    "recipe.json",
    "report.html",
    "run.json",
  ]);
  const recipe = JSON.parse(await Deno.readTextFile(`${cwd}/straight/recipe.json`));
  assertEquals([recipe.steps, recipe.batch, recipe.optimizer.learningRate, recipe.noise], [60, 8, 3e-4, 0.5]);
  const log = await logOf("straight"), validated = log.filter(({ validation }) => validation !== undefined);
  assertEquals(log.map(({ step }) => step), Array.from({ length: 61 }, (_, step) => step));
  assertEquals(validated.map(({ step }) => step), [0, 20, 40, 50, 60]);

  const killed = [...models, ...short, ...validation, "--out", "killed", "--save-every", "0"], rng = random(7);
  for (let kill = 0; kill < 4; kill++) {
    const resume = await isThere("killed/checkpoint.safetensors") ? ["--resume"] : [];
    const before = await isThere("killed/metrics.jsonl") ? (await logOf("killed")).length : 0;
    const child = startTask("train", [...killed, ...resume], { cwd });
    // A log that grows: the run is under way, at whatever moment of a step, a checkpoint or a validation.
    const grown = async () =>
      await isThere("killed/checkpoint.safetensors") && (await logOf("killed").catch(() => [])).length > before + 1;
    for (let waited = 0; waited < 60_000 && !await grown(); waited += 5) await new Promise((go) => setTimeout(go, 5));
    await new Promise((go) => setTimeout(go, rng.int(500)));
    child.kill("SIGKILL");
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    assert(!(await child.status).success, "it had ended before");
    assert(!await isThere("killed/last"), "it had ended before");
  }
  const resumed = await train(...killed, "--resume");
  assertEquals(resumed.code, 0, resumed.text);
  assertStringIncludes(resumed.out, "going on after step ");
  assertEquals(await logOf("killed"), log);
  for (const folder of ["last", "best"]) {
    assertEquals(await weightsOf(`killed/${folder}`), await weightsOf(`straight/${folder}`));
  }
  assertEquals(names("killed"), names("straight"), "something is left of the killed processes");

  // The best is the first with the largest R@1, and evaluate finds that figure again.
  const figure = (line: Record<string, unknown>) => (line.validation as Record<string, number>)["R@1"];
  const most = Math.max(...validated.slice(1).map(figure));
  const best = validated.slice(1).find((line) => figure(line) === most)!;
  assertEquals((await weightsOf("straight/best")).metadata.step, String(best.step));
  const evaluated = await runTask("evaluate", [
    ...["--benchmark", "cirr", "--data", "cirr", "--counts", "as-found", "--clip", clip, "--phi", phi],
    ...["--text-encoder", "straight/best", "--methods", "phi + text", "--out", "evaluated", "--device", device],
  ], { cwd });
  assertEquals(evaluated.code, 0, evaluated.text);
  const { rows } = JSON.parse(await Deno.readTextFile(`${cwd}/evaluated/result.json`));
  assertEquals(rows.map((row: Record<string, Record<string, never>>) => row.parts.cirr["metrics"]), [
    validated[0].validation,
    best.validation,
  ]);

  const page = await Deno.readTextFile(`${cwd}/straight/report.html`);
  for (
    const part of [
      "Validation: R@1",
      "Loss",
      "Norm of the gradients",
      "data:image/jpeg;base64,",
      `step ${best.step}, best`,
    ]
  ) {
    assert(page.includes(part), `the page lacks ${part}`);
  }
  const card = await Deno.readTextFile(`${cwd}/straight/best/README.md`);
  assertStringIncludes(card, `- steps: ${best.step} of 60`);
  assertStringIncludes(card, `| cirr val, R@1 | ${most.toFixed(2)} |`);

  // What was finished stays: another training, other settings, a second process, lost images.
  const kept = await weightsOf("straight/best");
  const again = (...more: string[]) => train(...models, ...validation, "--out", "straight", ...more);
  const refused: [string[], string][] = [
    [short, `${cwd}/straight holds another training, which would be lost; go on with it (--resume), or name another`],
    [[...short, "--resume", "--best-by", "R@5"], 'run.json was made with bestBy = "R@1", requested is "R@5"'],
    [["--set", "steps=60", "--resume"], "run.json was made with batch = 8, requested is 128"],
    [["--set", "lr=3e-4,steps=10,batch=8", "--resume"], "the checkpoint has 60 steps done, requested are 10 in all"],
    [[...short, "--resume", "--phi", `${clip}${phiFile("SEARLE")}`], "was made with another phi"],
    [[...short, "--resume", "--target-pad", "1.25"], "was made with another CLIP, tokenizer or target pad"],
  ];
  for (const [more, sentence] of refused) {
    const { code, err } = await again(...more);
    assertEquals(code, 1, err);
    assertStringIncludes(err, sentence);
    assertEquals(JSON.parse(await Deno.readTextFile(`${cwd}/straight/recipe.json`)), recipe);
  }
  using _lock = await lockFile(`${cwd}/straight/train`, "The test");
  const second = await again(...short, "--resume");
  assertEquals(second.code, 1);
  assertStringIncludes(second.err, `another process is at work on ${cwd}/straight/train`);
  _lock.release();
  await Deno.rename(`${cwd}/cirr/dev`, `${cwd}/cirr/gone`);
  const lost = await again(...short, "--resume");
  await Deno.rename(`${cwd}/cirr/gone`, `${cwd}/cirr/dev`);
  assertEquals(lost.code, 1);
  assertStringIncludes(lost.err, "40 of 40 images of cirr val are missing or unreadable");
  assertEquals(await weightsOf("straight/best"), kept);
});

Deno.test("train: Ctrl-C says after which step it stopped, in validations too, and --resume ends the same", async () => {
  const every = [...models, ...validation, "--set", "lr=3e-4,steps=30,batch=8", "--every", "1"];
  const straight = await train(...every, "--out", "unstopped");
  assertEquals(straight.code, 0, straight.text);
  for (let run = 0, done = 0; run < 3; run++) {
    const resume = done === 0 ? [] : ["--resume"];
    const child = startTask("train", [...every, "--out", "stopped", ...resume], { cwd });
    const lines = async () => (await logOf("stopped").catch(() => [])).length;
    const before = done === 0 ? 0 : await lines();
    for (let waited = 0; waited < 60_000 && await lines() < before + 2; waited += 5) {
      await new Promise((go) => setTimeout(go, 5));
    }
    child.kill("SIGINT");
    const { code, stdout, stderr } = await child.output(), out = new TextDecoder().decode(stdout);
    assertEquals(code, 130, out + new TextDecoder().decode(stderr));
    const found = out.match(/\nStopped after step (\d+)\. To go on: deno task train --resume --clip .*\n$/);
    assert(found !== null, out);
    assert(Number(found[1]) > done, out);
    done = Number(found[1]);
    assertEquals((await weightsIn("stopped/checkpoint.safetensors")).metadata.step, String(done));
  }
  const resumed = await train(...every, "--out", "stopped", "--resume");
  assertEquals(resumed.code, 0, resumed.text);
  assertEquals(await logOf("stopped"), await logOf("unstopped"));
  assertEquals(await weightsOf("stopped/last"), await weightsOf("unstopped/last"));
  assertEquals(names("stopped"), names("unstopped"));
});

Deno.test("train: images that disappear half-way cost no figure and no encoder; --resume draws the page", async () => {
  const args = [...models, ...validation, "--set", "lr=3e-4,steps=30,batch=8", "--every", "1", "--out", "vanishing"];
  await makeCirr(`${cwd}/vanishing-cirr`);
  args[args.indexOf("cirr", args.indexOf("--data"))] = "vanishing-cirr";
  const child = startTask("train", args, { cwd });
  const output = child.output();
  for (let waited = 0; waited < 60_000 && !await isThere("vanishing/best"); waited += 5) {
    await new Promise((go) => setTimeout(go, 5));
  }
  await Deno.rename(`${cwd}/vanishing-cirr/dev`, `${cwd}/vanishing-cirr/gone`);
  const { code, stderr } = await output, err = new TextDecoder().decode(stderr);
  assertEquals(code, 1, err);
  const told = err.split("\n").filter((line) => line.includes("failed"));
  assertEquals(told.length, 1, err);
  assert(
    /^Drawing the validation queries failed: Reading .*\/dev-.*\.png failed: the image is gone; .* Everything else is written, and --resume tries again\.$/
      .test(
        told[0],
      ),
    err,
  );
  assert(!err.includes("    at "), err);
  const log = await logOf("vanishing"), kept = await weightsOf("vanishing/best");
  assertEquals(log.map(({ step, validation }) => [step, validation !== undefined]), log.map((_, step) => [step, true]));
  assertEquals([log.length, (await weightsOf("vanishing/last")).metadata.step], [31, "30"]);

  await Deno.rename(`${cwd}/vanishing-cirr/gone`, `${cwd}/vanishing-cirr/dev`);
  const resumed = await train(...args, "--resume");
  assertEquals(resumed.code, 0, resumed.text);
  assertEquals(await logOf("vanishing"), log);
  assertEquals(await weightsOf("vanishing/best"), kept);
  assertStringIncludes(await Deno.readTextFile(`${cwd}/vanishing/report.html`), "data:image/jpeg;base64,");
});

Deno.test("train: --incomplete-batch drop is another run than span, and goes on as itself", async () => {
  // 25 triplets are three batches of 8; the fourth step begins another epoch, or is filled from it.
  const steps = (count: number) => [...models, "--set", `lr=3e-4,steps=${count},batch=8,shape=constant`];
  const drop = ["--incomplete-batch", "drop"];
  const straight = await train(...steps(8), ...drop, "--out", "dropping");
  assertEquals(straight.code, 0, straight.text);
  const spanning = await train(...steps(8), "--out", "spanning");
  assertEquals(spanning.code, 0, spanning.text);
  const losses = async (folder: string) => (await logOf(folder)).map(({ loss }) => loss);
  const [dropped, spanned] = [await losses("dropping"), await losses("spanning")];
  assertEquals(dropped.slice(0, 3), spanned.slice(0, 3));
  assert(dropped[3] !== spanned[3]);
  assertStringIncludes(await Deno.readTextFile(`${cwd}/dropping/last/README.md`), ", incomplete batches dropped\n");
  assertStringIncludes(await Deno.readTextFile(`${cwd}/dropping/report.html`), "; incomplete batches dropped");

  const half = await train(...steps(4), ...drop, "--out", "dropped");
  assertEquals(half.code, 0, half.text);
  const refused = await train(...steps(8), "--out", "dropped", "--resume");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.err, 'run.json was made with incompleteBatch = "drop", requested is "span"');
  const resumed = await train(...steps(8), ...drop, "--out", "dropped", "--resume");
  assertEquals(resumed.code, 0, resumed.text);
  assertEquals(await logOf("dropped"), await logOf("dropping"));
  assertEquals(await weightsOf("dropped/last"), await weightsOf("dropping/last"));

  // A run of an earlier version says nothing of it: it spanned.
  const { incompleteBatch, ...earlier } = JSON.parse(await Deno.readTextFile(`${cwd}/spanning/run.json`));
  assertEquals(incompleteBatch, "span");
  await Deno.writeTextFile(`${cwd}/spanning/run.json`, JSON.stringify(earlier));
  assertEquals((await train(...steps(9), "--out", "spanning", "--resume")).code, 0);
});

Deno.test("train: Ctrl-C before the first checkpoint says how to start", async () => {
  const child = startTask("train", [...models, ...short, "--out", "early"], { cwd });
  const [out, again] = child.stdout.pipeThrough(new TextDecoderStream()).tee();
  for await (const text of again) if (text.includes("a step needs about")) child.kill("SIGINT");
  const printed = await new Response(out.pipeThrough(new TextEncoderStream())).text();
  await child.stderr.cancel();
  assertEquals((await child.status).code, 130, printed);
  // The loop may have begun by then, and leaves a checkpoint of no steps.
  assert(/\nStopped before step 1\. To (start: deno task train|go on: deno task train --resume) --clip/.test(printed));
});

Deno.test("train: everything that is wrong is told at once, and nothing is written", async () => {
  const small = `${embeddedModelFolder("small").pathname}${phiFile("LinCIR")}`;
  await Deno.writeTextFile(`${cwd}/page.jsonl`, "<!doctype html><html><body>Please log in</body></html>");
  await Deno.writeTextFile(`${cwd}/recipe.json`, JSON.stringify({ stepz: 3, batch: 0, optimizer: { lr: 1 } }));
  const before = names(".");
  const { code, err } = await train(
    ...["--clip", clip, "--phi", small, "--triplets", "page.jsonl", "--out", "triplets.jsonl/run", "--device", device],
    ...[
      "--recipe",
      "recipe.json",
      "--set",
      "lr=-1,tau=0,anchor=maybe",
      ...validation,
      "--best-by",
      "mAP@5",
      "--resume",
    ],
  );
  assertEquals(code, 1);
  for (
    const sentence of [
      "Training RTD failed before it began, for 11 reasons:\n",
      '"stepz" is no choice; there are seed, steps, batch,',
      "batch is 0, expected a whole number from 1.",
      '"optimizer.lr" is no choice; there are optimizer.learningRate,',
      "optimizer.learningRate is -1, expected a number from 0.",
      "temperature is 0, expected a number above 0.",
      "anchor is maybe, expected true or false.",
      `Reading ${small} failed: this phi goes from 96 to 96, the CLIP needs 128 to 128`,
      '--best-by "mAP@5" is no figure of cirr: there are R@1, R@5,',
      `Writing into the folder ${cwd}/triplets.jsonl/run failed:`,
      `Resuming failed: there is no checkpoint at ${cwd}/triplets.jsonl/run/checkpoint.safetensors; start without`,
      `${cwd}/page.jsonl is a web page, a login or error page that was saved in the place of the data`,
    ]
  ) assertStringIncludes(err, sentence);

  const other: [string[], string][] = [
    [["--set", "lr"], '--set "lr" has "lr", expected NAME=VALUE.'],
    [["--every", "5"], "--every does nothing without --validate: it says how to validate."],
    [["--validate", "cirr"], "--validate cirr needs --data: the benchmark's folder."],
    [[...validation, "--split", "test1"], "its targets are not public"],
    [["--set", "batch=26"], "has 25 triplets, fewer than the 26 of a step; set batch=25 or less."],
    [
      ["--triplets", "many.jsonl", "--set", "batch=60000"],
      "Fitting a step into memory failed: 60000 triplets need about ",
    ],
    [["--set", "batch=8,lr=1e30"], "Training RTD failed at step 2: the loss is NaN; lower the learning rate."],
  ];
  for (const [args, sentence] of other) {
    const { code, err } = await train(...models, "--out", "refused", ...args);
    assertEquals(code, 1, err);
    assertStringIncludes(err, sentence);
  }
  assertEquals(
    names(".").filter((name) => name !== "refused" && name !== ".cache"),
    before.filter((name) => name !== ".cache"),
  );
  assertEquals(await isThere("refused") ? names("refused") : [], []);
});
