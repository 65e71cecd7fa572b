/** Captions of the user's own as anchor, in training as a user runs it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { jsonHash } from "../../lib/io/hash.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { device, runTask } from "./run_command.ts";

const clip = embeddedModelFolder().pathname, phi = `${clip}${phiFile("LinCIR")}`;
const cwd = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener("unload", () => Deno.removeSync(cwd, { recursive: true }));
const colours = ["red", "green", "blue", "black"],
  triplets = colours.map((colour, i) => {
    const next = colours[(i + 1) % colours.length];
    return { reference_caption: `${colour} book`, conditioning_caption: `is ${next}`, target_caption: `${next} book` };
  });
await Deno.writeTextFile(`${cwd}/triplets.jsonl`, triplets.map((one) => JSON.stringify(one)).join("\n"));
await Deno.writeTextFile(`${cwd}/kept.txt`, `red heart\nblue heart\n\nred heart\ncar\n${"white hat ".repeat(99)}\n`);
await Deno.writeTextFile(`${cwd}/other.txt`, "red heart\nblue heart\ncar\n");

const models = ["--clip", clip, "--phi", phi, "--triplets", "triplets.jsonl", "--device", device];
const train = (out: string, choices: string, ...args: string[]) =>
  runTask("train", [...models, "--out", out, "--set", `lr=3e-4,batch=4,${choices}`, ...args], { cwd });
const weightsOf = async (folder: string) => {
  const { arrays } = readSafetensors(await Deno.readFile(`${cwd}/${folder}/last/model.safetensors`), folder);
  return await jsonHash(Object.entries(arrays).map(([name, { values }]) => [name, [...values]]));
};

Deno.test("train --kept-captions: they are the anchor, decide the run, and a resumed run has the same ones", async () => {
  const kept = ["--kept-captions", "kept.txt"];
  const targets = await train("targets", "steps=4,keepCaptions=20");
  const whole = await train("whole", "steps=4,keepCaptions=20", ...kept);
  const half = await train("parts", "steps=2,keepCaptions=20", ...kept);
  assertEquals([targets.code, whole.code, half.code], [0, 0, 0], targets.text + whole.text + half.text);
  const other = await train("parts", "steps=4,keepCaptions=20", "--kept-captions", "other.txt", "--resume");
  assertEquals(other.code, 1);
  assertStringIncludes(other.text, 'was made with keptCaptions = "4 captions (SHA-256 ');
  assertStringIncludes(whole.out, "captions kept: 4 captions of kept.txt (SHA-256 ");
  assert(/\n1 text fills the \d+ tokens that the model reads; longer ones are cut\n/.test(whole.out), whole.out);
  assert(!targets.out.includes("that the model reads"), targets.out);
  assertStringIncludes(targets.out, "captions kept: the target captions of each step, weight 20\n");
  for (const file of ["last/README.md", "report.html"]) {
    assertStringIncludes(await Deno.readTextFile(`${cwd}/whole/${file}`), "4 captions of kept.txt (SHA-256 ");
  }
  const rest = await train("parts", "steps=4,keepCaptions=20", ...kept, "--resume");
  assertEquals(rest.code, 0, rest.text);
  assertEquals(await weightsOf("parts"), await weightsOf("whole"));
  assert(await weightsOf("targets") !== await weightsOf("whole"));
});

Deno.test("train --kept-captions: a file that is not there, one without captions, and no weight are told at once", async () => {
  await Deno.writeTextFile(`${cwd}/empty.txt`, "\n \n");
  const missing = await train("none", "steps=4", "--kept-captions", "missing.txt");
  assertEquals(missing.code, 1);
  assertStringIncludes(
    missing.text,
    "missing.txt does nothing without a weight; --set keepCaptions=100 gives it one.",
  );
  assertStringIncludes(missing.text, "missing.txt: there is no such file");
  const empty = await train("none", "steps=4,keepCaptions=10", "--kept-captions", "empty.txt");
  assertEquals(empty.code, 1);
  assertStringIncludes(empty.text, "empty.txt holds none; write one a line");
});
