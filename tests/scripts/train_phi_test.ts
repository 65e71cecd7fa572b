import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addonState } from "../../lib/backend/tensorflow.ts";
import { embeddedModelFolder } from "../../lib/emoji/embedded_model.ts";
import { readSafetensors } from "../../lib/formats/safetensors.ts";

const device = addonState().ready ? "tensorflow" : "wasm";
const clip = embeddedModelFolder().pathname;

function trainPhi(args: string[], cwd: string) {
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
  const { code, stdout, stderr } = await trainPhi(args, cwd).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

Deno.test("train-phi on a user's captions survives kill -9, and ends as if it had been left alone", async () => {
  const cwd = await Deno.makeTempDir();
  const colours = ["red", "green", "blue", "black", "white"], nouns = ["apple", "heart", "book", "car", "hat"];
  const captions = colours.flatMap((colour) => nouns.map((noun) => `a picture of the ${colour} ${noun}`));
  await Deno.writeTextFile(`${cwd}/captions.txt`, ["is", ...captions].join("\n"));
  const options = (out: string) => {
    const given = { method: "lincir", clip, captions: "captions.txt", recipe: "embedded", steps: "120", batch: "16" };
    const all = { ...given, device, out };
    return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  };
  const straight = await said(options("straight.safetensors"), cwd);
  assertEquals(straight.code, 0, straight.text);
  assertStringIncludes(straight.text, "1 captions without a keyword are left out");

  // Killed as soon as the bar is drawn and a checkpoint has been written (the task is asked to write them often).
  const killed = trainPhi([...options("killed.safetensors"), "--save-every", "0"], cwd).spawn();
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (await Deno.stat(`${cwd}/killed.safetensors.checkpoint`).then(() => true, () => false)) break;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  killed.kill("SIGKILL");
  await Promise.all([killed.stdout.cancel(), killed.stderr.cancel()]);
  assert(!(await killed.status).success);
  assert(!await Deno.stat(`${cwd}/killed.safetensors`).then(() => true, () => false), "it had ended before");
  const resumed = await said([...options("killed.safetensors"), "--resume"], cwd);
  assertEquals(resumed.code, 0, resumed.text);
  const read = async (name: string) => readSafetensors(await Deno.readFile(`${cwd}/${name}`), name);
  assertEquals(await read("killed.safetensors"), await read("straight.safetensors"));
  const log = JSON.parse(await Deno.readTextFile(`${cwd}/killed.json`));
  assertEquals([log.steps, log.recipe.batch, log.validation.at(-1).step], [120, 16, 120]);
  assertEquals([...Deno.readDirSync(cwd)].filter(({ name }) => name.includes("checkpoint")), []);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("train-phi says in one sentence what is missing or makes no sense", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.mkdir(`${cwd}/empty`);
  await Deno.writeTextFile(`${cwd}/phrases.json`, JSON.stringify({ apple: ["a pear"] }));
  const own = ["--clip", clip, "--out", "phi.safetensors", "--device", "wasm"];
  for (
    const [args, sentence] of [
      [[], "--method is missing: there are lincir, searle, searle-oti, pic2word."],
      [["--method", "word2pic"], '--method "word2pic" is unknown; there are lincir, searle, searle-oti, pic2word.'],
      [["--method", "lincir", "--captions", "c.txt"], "--captions needs --clip"],
      [["--method", "lincir", "--clip", clip], "--out is missing: where shall the result go."],
      [["--method", "lincir", ...own], "--captions is missing: lincir trains on a file of captions."],
      [["--method", "pic2word", ...own, "--pictures", "empty"], "Looking for pictures failed: empty holds none"],
      [["--method", "lincir", ...own, "--captions", "none.txt"], "Reading captions failed: there is no file none.txt."],
    ] as [string[], string][]
  ) {
    const { code, text } = await said(args, cwd);
    assertEquals(code, 1, text);
    assertStringIncludes(text, sentence);
  }
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), ["empty", "phrases.json"]);
  await Deno.remove(cwd, { recursive: true });
});
