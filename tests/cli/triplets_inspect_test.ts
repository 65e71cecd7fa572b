import { assertEquals, assertStringIncludes } from "@std/assert";
import { shared, sharedIsThere, skipped } from "../triplets/files.ts";
import { runTask } from "./run_command.ts";

const clip = new URL("../../data/emoji-clip/", import.meta.url).pathname;
const words = (count: number) => Array(count).fill("dog").join(" ");

const covr = [
  "txt1,edit,txt2",
  "A red apple,make it green,a green apple",
  "A red apple,make it green,a green apple",
  "a dog on a bed,remove the dog,a bed",
  "a $5 bill,,",
  `a cat,${words(300)},a dog`,
].join("\n");

Deno.test("triplets inspect: says what was read, cleaned, dropped and measured, and writes it as JSON", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.writeTextFile(`${cwd}/covr.csv`, covr);
  const { code, out, err } = await runTask("triplets", ["inspect", "covr.csv", "--json", "quality/found.json"], {
    cwd,
  });
  assertEquals(code, 0, err);
  const expected = [
    `${cwd}/covr.csv: CSV, form "CoVR"`,
    '  reference "txt1", conditioning "edit", target "txt2"',
    "5 rows, 4 triplets, 1 dropped",
    'Dropped:\n  1 row: "txt2" is empty after cleaning (row 4, target: {"txt1":"a $5 bill","edit":"","txt2":""})',
    'Cleaned, as published:\n  2 rows: upper case written in lower case (row 1, reference: "A red apple")',
    "Lengths in words, digits and signs (a lower bound of CLIP's tokens), start and end included:\n" +
    "              least  median  90 %  99 %  most",
    "conditioning      5       5   302   302   302",
    'Longer than the 77 tokens that the model reads; training cuts them (a conditioning text stands behind "a photo of [$] ' +
    'that", 5 tokens):\n  1 text, conditioning (row 5, at least 302 tokens: "dog dog',
    "Triplets that equal an earlier one: 1 of all. Different texts:",
    "conditioning          3  75.0 %  all",
    "make it         2  50.0 %",
    "Conditioning texts that say no word which the target has and the reference lacks: 1 (25.0 %)",
    "  0 (0.0 %): the target has new words, and the conditioning text none of them",
    "  1 (25.0 %): the target has no new word, as where something is removed",
    "Target captions found by words alone (TF-IDF), 4 queries among 3 different targets:",
    `Written: ${cwd}/quality/found.json`,
  ];
  for (const text of expected) assertStringIncludes(out, text);
  const { reading, quality } = JSON.parse(await Deno.readTextFile(`${cwd}/quality/found.json`));
  assertEquals([reading.form, reading.triplets, quality.triplets, quality.cut.conditioning.example.row], [
    "CoVR",
    4,
    4,
    5,
  ]);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("triplets inspect: a CLIP's own tokenizer counts tokens, and nothing of its weights is read", async () => {
  const cwd = await Deno.makeTempDir();
  for (const name of ["config.json", "tokenizer.json"]) await Deno.copyFile(`${clip}${name}`, `${cwd}/${name}`);
  const row = { input: "red apple", edit: "green", output: Array(80).fill("green apple").join(" ") };
  await Deno.writeTextFile(`${cwd}/pairs.jsonl`, JSON.stringify(row));
  const { code, out, err } = await runTask("triplets", ["inspect", "pairs.jsonl", "--clip", "."], { cwd });
  assertEquals(code, 0, err);
  const { text_config } = JSON.parse(await Deno.readTextFile(`${cwd}/config.json`));
  assertStringIncludes(out, `Lengths in tokens of ${cwd.split("/").at(-1)}, start and end included:`);
  assertStringIncludes(out, "reference         4       4     4     4     4");
  assertStringIncludes(out, `Longer than the ${text_config.max_position_embeddings} tokens that the model reads;`);
  assertStringIncludes(out, 'target (row 1, 162 tokens: "green apple');
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("triplets inspect: all faults of the command line are told at once; a file that is none is one sentence", async () => {
  const cwd = await Deno.makeTempDir();
  const args = ["inspect", "none.csv", "--columns", "x", "--captions", ".", "--clip", "none", "--json", "."];
  const all = await runTask("triplets", args, { cwd });
  assertEquals([all.code, all.out], [1, ""]);
  const reasons = [
    "The inspection failed before it began, for 5 reasons:",
    `  - Reading triplets failed: there is no file ${cwd}/none.csv.`,
    `  - Reading captions failed: ${cwd} is a folder; name a file in it.`,
    '  - Reading the names of columns failed: "x" names "x"; write',
    `  - Writing ${cwd} failed: it is a folder; name a file.`,
  ];
  for (const text of reasons) assertStringIncludes(all.err, text);
  await Deno.writeTextFile(`${cwd}/page.json`, "<!doctype html><title>Google Drive - Virus scan warning</title>");
  const page = await runTask("triplets", ["inspect", "page.json", "--json", "q.json"], { cwd });
  assertEquals([page.code, page.out], [1, ""]);
  assertStringIncludes(page.err, `Reading triplets failed: ${cwd}/page.json is a web page of Google Drive`);
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name), ["page.json"]);
  const missing = await runTask("triplets", [], { cwd });
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.err, "The command is missing: say inspect");
  const unknown = await runTask("triplets", ["inspct"], { cwd });
  assertEquals([unknown.code, unknown.err], [1, "Unknown command 'inspct'; did you mean inspect?\n"]);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test({
  name: `triplets inspect: images of a benchmark are joined with the captions that are named${skipped}`,
  ignore: !sharedIsThere,
  async fn() {
    const cwd = await Deno.makeTempDir(), file = (name: string) => new URL(name, shared).pathname;
    const shoes = file("shoes-MIT/relative_captions_shoes.json"), captions = file("shoes-MIT/captions_shoes.json");
    const { code, out, err } = await runTask("triplets", ["inspect", shoes, "--captions", captions], { cwd });
    assertEquals(code, 0, err);
    assertStringIncludes(out, "captions of 3,600 images were joined, the first of each\n");
    assertStringIncludes(out, "10,751 rows, 2,034 triplets, 8,717 dropped");
    assertStringIncludes(out, "conditioning text only  2.48  10.19");
    await Deno.remove(cwd);
  },
});
