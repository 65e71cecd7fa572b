import { assertEquals, assertStringIncludes } from "@std/assert";
import { runTask } from "./run_command.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
const engine = (await Deno.readTextFile(new URL("../../lib/tensors/tf.ts", import.meta.url))).match(/npm:[^"]+/)![0];

/** Development scripts without options, and those that load what they try. */
const withoutHelp = /^(ok|arrows|doc-lint|coverage|fuzz|chaos|corrupt|parity|agreement|bench.*)$/;

Deno.test("help: every command answers without loading TensorFlow.js, and shows whole command lines", async () => {
  const cwd = await Deno.makeTempDir();
  const map = `${cwd}/map.json`;
  const broken = "data:text/javascript,throw new Error('TensorFlow.js was loaded')";
  await Deno.writeTextFile(map, JSON.stringify({ imports: { [engine]: broken } }));
  for (const task of Object.keys(tasks).filter((name) => !withoutHelp.test(name))) {
    const { code, out, err } = await runTask(task, ["--help"], { cwd, flags: [`--import-map=${map}`] });
    assertEquals([task, code, err], [task, 0, ""]);
    assertStringIncludes(out, `Usage: deno task ${task} `);
    assertStringIncludes(out, `Examples:\n  deno task ${task}`);
  }
  assertEquals([...Deno.readDirSync(cwd)].length, 1, "something was written");
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("help: what makes no sense is one sentence, and nothing is written", async () => {
  const cwd = await Deno.makeTempDir();
  const refused: [string, string[], string][] = [
    ["demo", ["--stesp", "3"], "Unknown option '--stesp'; did you mean --steps?"],
    ["demo", ["--steps", "0"], '--steps "0" is not a whole number of at least 1.'],
    ["demo", ["--device", "abacus"], '--device "abacus" is not one of auto, tensorflow, webgpu, wasm.'],
    ["demo", ["--resume"], "there is no checkpoint at results/demo/checkpoint.safetensors; start without --resume."],
    ["setup", ["extra"], "Too many arguments: expected 0 arguments but got 1: extra"],
    [
      "data-check",
      ["cir", "--data", "."],
      'benchmark "cir" is not one of cirr, circo, fashioniq, genecis, coco, icir; did you mean cirr?',
    ],
    ["evaluate", ["--benchmark", "cirr", "--data", "x"], "Required option '--clip <folder>' not specified"],
    ["evaluate", ["--methods", "text only,nothing"], 'names "nothing", which is not one of image only, text only'],
    ["pretrain", ["--world", "scene"], '--world "scene" is not one of emoji, scenes; did you mean scenes?'],
    [
      "pretrain",
      ["--world", "scenes", "--size", "small", "--out", "clip", "--device", "wasm"],
      "--size is for emoji; there is one CLIP of scenes: leave it out.",
    ],
    [
      "train-phi",
      ["--world", "scenes", "--size", "small", "--method", "lincir", "--out", "phi", "--device", "wasm"],
      "--size is for emoji; there is one CLIP of scenes: leave it out.",
    ],
    ["train-phi", ["--method", "word2pic"], '--method "word2pic" is not one of lincir, searle, searle-oti, pic2word.'],
    [
      "phrases",
      ["--concepts", "none.txt", "--endpoint", "x"],
      `Reading concepts failed: there is no file ${cwd}/none.txt.`,
    ],
    ["phrases", ["--concepts", "none.txt", "--endpoint", "x"], '--endpoint "x" is not an address'],
    ["compare", ["a.jsonl", "b.jsonl"], `there is no file ${cwd}/b.jsonl.`],
    ["submission-check", ["a.json"], `there is no file ${cwd}/a.json.`],
    ["fetch-model", ["x"], 'a name looks like "openai/clip-vit-base-patch32".'],
  ];
  for (const [task, args, sentence] of refused) {
    const device = task === "demo" && args[0] === "--resume" ? ["--device", "wasm"] : [];
    const { code, err } = await runTask(task, [...args, ...device], { cwd });
    assertEquals(code, 1, err);
    assertStringIncludes(err, sentence);
  }
  assertEquals([...Deno.readDirSync(cwd)].length, 0, "something was written");
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("notebooks: a name that no notebook has is an error", async () => {
  const { code, err } = await runTask("notebooks", ["--only", "99"], {
    cwd: new URL("../../", import.meta.url).pathname,
  });
  assertEquals(code, 1);
  assertStringIncludes(err, 'Running notebooks failed: no name begins with "99"; there are 00_');
});

Deno.test("set-up names each missing piece with the command that installs it", async () => {
  const cwd = await Deno.makeTempDir();
  const without = async (...args: string[]) => {
    const { code, err } = await runTask("setup", args, { cwd, env: { PATH: "/nonexistent" } });
    assertEquals(code, 1);
    return err;
  };
  assertStringIncludes(await without("--force"), "the compiler g++ is missing; install it with");
  assertStringIncludes(
    await without("--force", "--cuda"),
    '"nvidia-smi" does not answer, so there is no NVIDIA driver',
  );
  assertEquals([...Deno.readDirSync(cwd)], []);
  await Deno.remove(cwd);
});
