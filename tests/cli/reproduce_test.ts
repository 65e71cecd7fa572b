import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { makeMiniature } from "../studies/miniature_testbed.ts";
import { device, runTask } from "./run_command.ts";

const short = ["components", "--seeds", "1", "--set", "steps=1,batch=4", "--device", device];

/** The finished runs of a cache by name, without what two makings of the same run differ in. */
function runsOf(cache: string): Record<string, unknown> {
  const names = [...Deno.readDirSync(cache)].map(({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => {
    const { seconds: _, memory: __, ...run } = JSON.parse(gunzipSync(Deno.readFileSync(`${cache}/${name}`)).toString());
    return [name, run];
  }));
}

Deno.test("reproduce: two shares in two processes at once equal one process, run for run, and the list counts them", async () => {
  const cwd = await Deno.makeTempDir();
  const share = (which: string) => runTask("reproduce", [...short, "--cache", "both", "--shard", which], { cwd });
  const [one, two] = await Promise.all([share("1/2"), share("2/2")]);
  assertEquals([one.code, two.code], [0, 0], one.text + two.text);
  assertStringIncludes(one.out, "share 1 of 2 is done");
  const whole = await runTask("reproduce", [...short, "--cache", "whole", "--out", "out"], { cwd });
  assertEquals(whole.code, 0, whole.text);
  assertEquals(runsOf(`${cwd}/both`), runsOf(`${cwd}/whole`));
  // Six variants, the frozen encoder and the baselines.
  assertEquals(Object.keys(runsOf(`${cwd}/whole`)).length, 8);

  const again = await runTask("reproduce", [...short, "--cache", "both", "--out", "again"], { cwd });
  assertEquals(again.code, 0, again.text);
  for (const name of ["table.csv", "table.tex", "figures.csv", "report.html", "result.json"]) {
    assertEquals(await Deno.readTextFile(`${cwd}/again/${name}`), await Deno.readTextFile(`${cwd}/out/${name}`));
  }
  const csv = await Deno.readTextFile(`${cwd}/out/table.csv`);
  assertEquals(csv.split("\n")[0].split(",").slice(0, 1), ["variant"]);
  assertStringIncludes(csv, "image x text product,");
  assertStringIncludes(csv, "37.38");
  assertStringIncludes(again.out, "Table 6: refined concatenation helps: ");
  assertStringIncludes(again.out, "Paper, frozen; TCL; TCL + RB; TCL + RB, no anchor: average");

  await Deno.writeTextFile(`${cwd}/both/old.json`, JSON.stringify({ inputs: { version: 4 } }));
  const list = await runTask("reproduce", ["--list", ...short.slice(1), "--cache", "both"], { cwd });
  assertEquals(list.code, 0, list.text);
  assertStringIncludes(list.out, "8 runs, 8 of them cached; nothing left to compute");
  assertStringIncludes(list.out, "is unknown before the first run of each kind here");
  assertStringIncludes(
    list.out,
    "1 file of the cache is of another version, or not packed, and is not used: old.json.",
  );
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("reproduce: what is wrong is told at once, the most of it before images are drawn, and nothing is written", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.writeTextFile(`${cwd}/file`, "");
  const nothing = await runTask("reproduce", ["nothing", "--cache", "file/runs", "--device", device], { cwd });
  assertEquals([nothing.code, nothing.err.includes("drawing")], [1, false]);
  for (
    const text of ["there is none of this name; there are task-discrepancy, main-results", "Writing into the folder"]
  ) {
    assertStringIncludes(nothing.err, text);
  }
  const args = ["components", "--clips", "huge", "--phis", "SERLE", "--set", "stesp=1", "--device", device];
  const { code, err } = await runTask("reproduce", args, { cwd });
  assertEquals(code, 1);
  for (
    const text of [
      '--clips names "huge": the testbed has small, base.',
      '--phis names "SERLE": the testbed has ',
      '"stesp" is no choice',
    ]
  ) assertStringIncludes(err, text);
  const unknown = await runTask("reproduce", ["layers", "--only", "first block", "--device", device], { cwd });
  assertEquals(unknown.code, 1);
  assertStringIncludes(unknown.err, 'no variant has "first block" in its name; there are "all", "all but embeddings"');
  const listed = await runTask("reproduce", ["--list", "--only", "all", "--device", device], { cwd });
  assertStringIncludes(listed.err, "--only chooses among the variants of one study: name it, or leave --only out.");
  const unnamed = await runTask("reproduce", ["--device", device], { cwd });
  assertStringIncludes(unnamed.err, "none is named; --list lists them");
  const share = await runTask("reproduce", ["components", "--shard", "3/2"], { cwd });
  assertStringIncludes(share.err, '--shard "3/2" is not a share such as 3/8, counted from 1');
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name), ["file"]);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("reproduce: further phis of scenes, and names with commas", async () => {
  const cwd = await Deno.makeTempDir(),
    file = new URL("../../data/scenes-clip/phi-lincir.safetensors", import.meta.url);
  const scenes = ["components", "--testbed", "scenes", "--device", device];
  const study = await runTask("reproduce", ["--phi", "a=b.safetensors", "components"], { cwd });
  assertStringIncludes(study.err, '--phi "components" is not a name, =, and a file; the name of a study stands before');
  const twice = await runTask("reproduce", [...scenes, "--phi", "a=b", "a=c"], { cwd });
  assertStringIncludes(twice.err, '--phi "a=c" names a phi that is named already.');
  const missing = await runTask("reproduce", [...scenes, "--phi", "a=b.safetensors"], { cwd });
  assertStringIncludes(missing.err, `there is no file ${cwd}/b.safetensors`);
  assertEquals(missing.err.includes("drawing"), false);
  const phi = ["--phi", `LinCIR, seed 2=${fileURLToPath(file)}`, "--phis", "LinCIR, seed 2,SEARLE,seed 3"];
  const { err } = await runTask("reproduce", [...scenes, ...phi], { cwd });
  assertStringIncludes(err, '--phis names "seed 3": the testbed has ');
  assertEquals(err.includes('"seed 2"'), false, err);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("reproduce: a file names CLIPs and benchmarks; its faults are told with the others", async () => {
  const cwd = await Deno.makeTempDir();
  await makeMiniature(cwd);
  const args = ["task-discrepancy", "--testbed", "testbed.json", "--seeds", "1", "--device", device, "--cache", "runs"];
  const { code, out, text } = await runTask("reproduce", [...args, "--set", "steps=1"], { cwd });
  assertEquals(code, 0, text);
  assertStringIncludes(out, "CIRR captions");
  // Notes are wrapped.
  assertStringIncludes(out.replaceAll(/\s+/g, " "), "CAPTIONS IN THE PLACE OF IMAGES");

  // The study and an evaluation of the same models agree to the last digit, in one column of one table.
  const { clips: [{ folder, phis: [{ file }] }] } = JSON.parse(await Deno.readTextFile(`${cwd}/testbed.json`));
  const own = ["--benchmark", "cirr", "--data", "CIRR", "--counts", "as-found", "--clip", folder, "--phi", file];
  const evaluated = await runTask("evaluate", [...own, "--device", device, "--out", "results/cirr"], { cwd });
  assertEquals(evaluated.code, 0, evaluated.text);
  const table = await runTask("table", ["results", "--metric", "Rs@3", "--form", "csv"], { cwd });
  const [, ...lines] = table.out.trim().split("\n").filter((line) => line.includes("cirr val; cirr: 12 queries"));
  const figureOf = (start: string) =>
    lines.find((line) => line.startsWith(start) && !line.includes("captions"))?.match(/\d+\.\d\d/)?.[0];
  const frozen = figureOf("cirr,phi + text,");
  assertEquals([frozen !== undefined, figureOf('task-discrepancy,"small, LinCIR, frozen"')], [true, frozen], table.out);

  await Deno.remove(`${cwd}/CIRCO/annotations`, { recursive: true });
  const wrong = await runTask("reproduce", ["nothing", ...args.slice(1)], { cwd });
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.err, "for 2 reasons");
  assertStringIncludes(wrong.err, "CIRCO/annotations");
  const unknown = await runTask("reproduce", ["components", "--testbed", "emojis", "--device", device], { cwd });
  assertStringIncludes(unknown.err, "; or name a file that ends in .json.");
  await Deno.remove(cwd, { recursive: true });
});
