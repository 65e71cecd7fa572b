import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { device, runTask, startTask } from "./run_command.ts";

const clip = embeddedModelFolder("small").pathname, images = new URL("../goldens/images/", import.meta.url).pathname;
const colours = ["red", "green", "blue", "black", "white"], nouns = ["apple", "heart", "book", "car", "hat"];

/** Each method on a user's own files. */
const trainings: Record<string, Record<string, string>> = {
  lincir: { captions: "captions.txt", steps: "80", batch: "16" },
  pic2word: { images, steps: "80", batch: "16" },
  searle: { images, phrases: "phrases.json", steps: "80", "inversion-steps": "5", batch: "16" },
};

for (const [method, given] of Object.entries(trainings)) {
  Deno.test(`train-phi --method ${method} survives kill -9, and ends as if it had been left alone`, async () => {
    const cwd = await Deno.makeTempDir();
    const captions = colours.flatMap((colour) => nouns.map((noun) => `a picture of the ${colour} ${noun}`));
    await Deno.writeTextFile(`${cwd}/captions.txt`, ["is", ...captions].join("\n"));
    const phrases = nouns.map((noun) => [noun, colours.map((colour) => `a ${colour} ${noun}`)]);
    await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify(Object.fromEntries(phrases)));
    const options = (out: string) =>
      Object.entries({ method, clip, recipe: "embedded", device, out, ...given })
        .flatMap(([name, value]) => [`--${name}`, value]);
    const straight = await runTask("train-phi", options("straight.safetensors"), { cwd });
    assertEquals(straight.code, 0, straight.text);
    if (method === "lincir") {
      assertStringIncludes(straight.text, "of 1 captions without a keyword a random word is masked");
    }

    const killed = startTask("train-phi", [...options("killed.safetensors"), "--save-every", "0"], { cwd });
    await kill(killed, `${cwd}/killed.safetensors.checkpoint`);
    assert(!await isThere(`${cwd}/killed.safetensors`), "it had ended before");
    const resumed = await runTask("train-phi", [...options("killed.safetensors"), "--resume"], { cwd });
    assertEquals(resumed.code, 0, resumed.text);
    const read = async (name: string) => readSafetensors(await Deno.readFile(`${cwd}/${name}`), name);
    assertEquals(await read("killed.safetensors"), await read("straight.safetensors"));
    const log = JSON.parse(await Deno.readTextFile(`${cwd}/killed.json`));
    assertEquals([log.steps, log.recipe.batch], [80, 16]);
    const validated = log.validation.map(({ step }: { step: number }) => step);
    assertEquals(validated, [8, 16, 24, 32, 40, 48, 50, 56, 64, 72, 80]); // those before the kill too
    assertEquals([...Deno.readDirSync(cwd)].filter(({ name }) => name.includes("checkpoint")), []);
    await Deno.remove(cwd, { recursive: true });
  });
}

Deno.test("train-phi --method searle-oti survives kill -9 with its finished batches", async () => {
  const cwd = await Deno.makeTempDir();
  // A hundred and fifty images are five of the paper's batches of 32.
  await Deno.mkdir(`${cwd}/images`);
  for (let i = 0; i < 150; i++) await Deno.copyFile(`${images}exact_32.png`, `${cwd}/images/${100 + i}.png`);
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ apple: ["a red apple", "a green apple"] }));
  const options = (out: string) => [
    ...["--method", "searle-oti", "--clip", clip, "--images", "images", "--phrases", "phrases.json"],
    ...["--inversion-steps", "12", "--device", device, "--out", out],
  ];
  await kill(startTask("train-phi", options("tokens.safetensors"), { cwd }), `${cwd}/.cache/inversion`, /safetensors$/);
  assert(!await isThere(`${cwd}/tokens.safetensors`), "it had ended before");
  const resumed = await runTask("train-phi", options("tokens.safetensors"), { cwd });
  assertEquals(resumed.code, 0, resumed.text);
  assertStringIncludes(resumed.err, "cached");
  await Deno.remove(`${cwd}/.cache/inversion`, { recursive: true });
  assertEquals((await runTask("train-phi", options("straight.safetensors"), { cwd })).code, 0);
  const read = async (name: string) => readSafetensors(await Deno.readFile(`${cwd}/${name}`), name);
  assertEquals(await read("tokens.safetensors"), await read("straight.safetensors"));
  const log = JSON.parse(await Deno.readTextFile(`${cwd}/straight.json`));
  // The published recipe pads images and ranks concepts with the prompts of the inversion.
  assertEquals([log.recipe.batch, log.recipe.seed, log.recipe.templates.length], [32, 42, 24]);
  assertEquals([log.preprocessing.targetPad, log.concepts, log.conceptTemplates], [1.25, 15, log.recipe.templates]);
  // Other prompts and no padding are other pseudo-tokens, and the log says so.
  await Deno.writeTextFile(`${cwd}/prompts.txt`, "a photo of {}\n\na picture of a [$]\n");
  const own = [...options("own.safetensors"), "--templates", "prompts.txt", "--target-pad", "none"];
  assertEquals((await runTask("train-phi", own, { cwd })).code, 0);
  const other = JSON.parse(await Deno.readTextFile(`${cwd}/own.json`));
  assertEquals(other.recipe.templates, ["a photo of [$]", "a picture of a [$]"]);
  assertEquals(other.preprocessing.targetPad, undefined);
  assert(
    (await read("own.safetensors")).metadata.provenance !== (await read("straight.safetensors")).metadata.provenance,
  );
  await Deno.remove(cwd, { recursive: true });
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The names in a folder; none where it is missing, as between a check for its being writable and its use. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Kills a process once a file, or one of that name in a folder, is there. */
async function kill(child: Deno.ChildProcess, path: string, inside?: RegExp): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 5) {
    if (inside ? namesIn(path).some((name) => inside.test(name)) : await isThere(path)) {
      child.kill("SIGKILL");
      await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
      assert(!(await child.status).success);
      return;
    }
    await new Promise((resume) => setTimeout(resume, 5));
  }
  throw new Error(`${path} did not appear`);
}

Deno.test("train-phi says all that is missing or makes no sense before it computes, and writes nothing", async () => {
  const cwd = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${cwd}/empty`);
  await Deno.mkdir(`${cwd}/one`);
  await Deno.copyFile(`${images}grey.png`, `${cwd}/one/grey.png`);
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ apple: ["a pear"] }));
  await Deno.writeTextFile(`${cwd}/results.json`, JSON.stringify({ captions: ["a pear"] }));
  await Deno.writeTextFile(`${cwd}/few.txt`, "a red apple\na dog\n");
  await Deno.writeTextFile(`${cwd}/bad.txt`, "a photo of {}\na photo\n");
  const written = [...Deno.readDirSync(cwd)].map(({ name }) => name).sort();
  const own = ["--clip", clip, "--device", "wasm"], out = ["--out", "phi.safetensors"];
  const refused: [string[], string[]][] = [
    [[], ["Required option '--method <name>' not specified"]],
    [["--method", "lincir"], ["Required option '--out <file>' not specified"]],
    [["--method", "lincir", ...out, "--captions", "c.txt"], [
      "--captions needs --clip: the embedded CLIPs know their drawings",
    ]],
    [["--method", "lincir", ...own, ...out], [
      "--captions is missing: lincir trains on a file of captions.",
    ]],
    [["--method", "lincir", "--size", "small", ...own, ...out, "--images", "one", "--inversion-steps", "7"], [
      "--images does nothing for lincir: it is for searle, searle-oti, pic2word; leave it out.",
      "--inversion-steps does nothing for lincir: it is for searle, searle-oti; leave it out.",
      "--size and --clip choose a CLIP each; leave one out.",
      "--captions is missing: lincir trains on a file of captions.",
    ]],
    [
      [
        "--method",
        "lincir",
        ...own,
        ...out,
        "--captions",
        "few.txt",
        "--incomplete-batch",
        "drop",
        "--target-pad",
        "2",
      ],
      [
        "--target-pad does nothing for lincir: it is for searle, searle-oti, pic2word; leave it out.",
        "--incomplete-batch drop leaves nothing of 2 captions in batches of 512; lower --batch, or leave it out.",
      ],
    ],
    [["--method", "pic2word", ...out, "--target-pad", "1.25", "--masking", "released"], [
      "--masking does nothing for pic2word: it is for lincir; leave it out.",
      "--target-pad needs --clip: the embedded drawings are squares.",
    ]],
    [["--method", "searle-oti", ...own, ...out, "--images", "one", "--templates", "bad.txt"], [
      `Reading ${cwd}/bad.txt failed: the template "a photo" has not one {} (or [$]); correct it.`,
      "--phrases is missing: searle-oti needs concept phrases.",
    ]],
    [["--method", "lincir", ...own, ...out, "--captions", "results.json", "--resume"], [
      `there is no checkpoint at ${cwd}/phi.safetensors.checkpoint; start without --resume.`,
      `${cwd}/results.json is JSON of an unknown form`,
    ]],
    [["--method", "pic2word", ...own, "--images", "empty", "--out", "phrases.json/phi.safetensors"], [
      `Writing into the folder ${cwd}/phrases.json failed: it is a file; name another.`,
      `Looking for images failed: ${cwd}/empty holds none`,
    ]],
    [["--method", "searle", ...own, ...out, "--clip", "one", "--images", "one", "--phrases", "phrases.json"], [
      `Reading ${cwd}/one/config.json failed`,
      "there is 1 image, and the loss of searle tells images apart",
      `"a pear" in ${cwd}/phrases.json does not contain its concept "apple"`,
    ]],
  ];
  for (const [args, sentences] of refused) {
    const { code, err } = await runTask("train-phi", args, { cwd });
    assertEquals(code, 1, err);
    for (const sentence of sentences) assertStringIncludes(err, sentence);
    if (sentences.length > 1) assertStringIncludes(err, `failed before it began, for ${sentences.length} reasons:`);
  }
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), written);
  await Deno.remove(cwd, { recursive: true });
});
