import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addonState } from "../../lib/backend/tensorflow.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";

const device = addonState().ready ? "tensorflow" : "wasm";
const clip = embeddedModelFolder().pathname;

function fitPhi(args: string[], cwd: string) {
  const script = new URL("../../scripts/train_phi.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, script, ...args],
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
}

async function said(args: string[], cwd: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await fitPhi(args, cwd).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

const colours = ["red", "green", "blue", "black", "white"], nouns = ["apple", "heart", "book", "car", "hat"];
const images = new URL("../goldens/images/", import.meta.url).pathname;

/** Each method on a user's own files: what it is given, and the file that says that killing it now is half-way. */
const trainings: Record<string, { given: Record<string, string>; halfway: (out: string) => string }> = {
  lincir: { given: { captions: "captions.txt", steps: "120", batch: "16" }, halfway: (out) => `${out}.checkpoint` },
  pic2word: { given: { images, steps: "120", batch: "16" }, halfway: (out) => `${out}.checkpoint` },
  searle: {
    given: { images, phrases: "phrases.json", steps: "120", "inversion-steps": "5", batch: "16" },
    halfway: (out) => `${out}.checkpoint`,
  },
};

for (const [method, { given, halfway }] of Object.entries(trainings)) {
  Deno.test(`train-phi --method ${method} survives kill -9, and ends as if it had been left alone`, async () => {
    const cwd = await Deno.makeTempDir();
    const captions = colours.flatMap((colour) => nouns.map((noun) => `a picture of the ${colour} ${noun}`));
    await Deno.writeTextFile(`${cwd}/captions.txt`, ["is", ...captions].join("\n"));
    const phrases = nouns.map((noun) => [noun, colours.map((colour) => `a ${colour} ${noun}`)]);
    await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify(Object.fromEntries(phrases)));
    const options = (out: string) =>
      Object.entries({ method, clip, recipe: "embedded", device, out, ...given })
        .flatMap(([name, value]) => [`--${name}`, value]);
    const straight = await said(options("straight.safetensors"), cwd);
    assertEquals(straight.code, 0, straight.text);
    if (method === "lincir") assertStringIncludes(straight.text, "1 captions without a keyword are left out");

    const killed = fitPhi([...options("killed.safetensors"), "--save-every", "0"], cwd).spawn();
    await fileAppears(`${cwd}/${halfway("killed.safetensors")}`);
    killed.kill("SIGKILL");
    await Promise.all([killed.stdout.cancel(), killed.stderr.cancel()]);
    assert(!(await killed.status).success);
    assert(!await isThere(`${cwd}/killed.safetensors`), "it had ended before");
    const resumed = await said([...options("killed.safetensors"), "--resume"], cwd);
    assertEquals(resumed.code, 0, resumed.text);
    const read = async (name: string) => readSafetensors(await Deno.readFile(`${cwd}/${name}`), name);
    assertEquals(await read("killed.safetensors"), await read("straight.safetensors"));
    const log = JSON.parse(await Deno.readTextFile(`${cwd}/killed.json`));
    assertEquals([log.steps, log.recipe.batch, log.validation.at(-1).step], [120, 16, 120]);
    assertEquals([...Deno.readDirSync(cwd)].filter(({ name }) => name.includes("checkpoint")), []);
    await Deno.remove(cwd, { recursive: true });
  });
}

Deno.test("train-phi --method searle-oti survives kill -9 with its finished blocks", async () => {
  const cwd = await Deno.makeTempDir();
  // Two hundred images are two blocks of the paper's 128.
  await Deno.mkdir(`${cwd}/images`);
  for (let i = 0; i < 200; i++) await Deno.copyFile(`${images}exact_32.png`, `${cwd}/images/${100 + i}.png`);
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ apple: ["a red apple", "a green apple"] }));
  const options = (out: string) => [
    ...["--method", "searle-oti", "--clip", clip, "--images", "images", "--phrases", "phrases.json"],
    ...["--inversion-steps", "12", "--device", device, "--out", out],
  ];
  const killed = fitPhi(options("words.safetensors"), cwd).spawn();
  await fileAppears(`${cwd}/.cache/inversion`, /safetensors$/);
  killed.kill("SIGKILL");
  await Promise.all([killed.stdout.cancel(), killed.stderr.cancel()]);
  assert(!(await killed.status).success && !await isThere(`${cwd}/words.safetensors`), "it had ended before");
  const resumed = await said(options("words.safetensors"), cwd);
  assertEquals(resumed.code, 0, resumed.text);
  await Deno.remove(`${cwd}/.cache/inversion`, { recursive: true });
  assertEquals((await said(options("straight.safetensors"), cwd)).code, 0);
  const read = async (name: string) => readSafetensors(await Deno.readFile(`${cwd}/${name}`), name);
  assertEquals(await read("words.safetensors"), await read("straight.safetensors"));
  await Deno.remove(cwd, { recursive: true });
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Waits for a file, or for one of that name in a folder. */
async function fileAppears(path: string, inside?: RegExp): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 20) {
    if (await isThere(path)) {
      if (!inside || [...Deno.readDirSync(path)].some(({ name }) => inside.test(name))) return;
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
  throw new Error(`${path} did not appear`);
}

Deno.test("train-phi says in one sentence what is missing or makes no sense", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.mkdir(`${cwd}/empty`);
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ apple: ["a pear"] }));
  await Deno.writeTextFile(`${cwd}/one.txt`, "a red apple");
  await Deno.mkdir(`${cwd}/one`);
  await Deno.copyFile(`${images}grey.png`, `${cwd}/one/grey.png`);
  const own = ["--clip", clip, "--out", "phi.safetensors", "--device", "wasm"];
  for (
    const [args, sentence] of [
      [[], "--method is missing: there are lincir, searle, searle-oti, pic2word."],
      [["--method", "word2pic"], '--method "word2pic" is unknown; there are lincir, searle, searle-oti, pic2word.'],
      [["--method", "lincir", "--captions", "c.txt"], "--captions needs --clip"],
      [["--method", "lincir", "--clip", clip], "--out is missing: where shall the result go."],
      [["--method", "lincir", ...own], "--captions is missing: lincir trains on a file of captions."],
      [["--method", "pic2word", ...own, "--images", "empty"], "Looking for images failed: empty holds none"],
      [["--method", "lincir", ...own, "--captions", "none.txt"], "Reading captions failed: there is no file none.txt."],
      [
        ["--method", "lincir", ...own, "--captions", "one.txt", "--resume"],
        "there is no checkpoint at phi.safetensors.checkpoint",
      ],
      [["--method", "pic2word", ...own, "--images", "one"], "there is 1 image, and its loss tells images apart"],
      [
        ["--method", "searle", ...own, "--images", "one", "--phrases", "phrases.json"],
        '"a pear" in phrases.json does not contain its concept "apple"',
      ],
    ] as [string[], string][]
  ) {
    const { code, text } = await said(args, cwd);
    assertEquals(code, 1, text);
    assertStringIncludes(text, sentence);
  }
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), [
    ".cache",
    "empty",
    "one",
    "one.txt",
    "phrases.json",
  ]);
  await Deno.remove(cwd, { recursive: true });
});
