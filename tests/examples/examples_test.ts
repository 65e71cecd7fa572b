/** The ready scripts of `examples/`, run as a user would. */
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeCirr } from "../benchmarks/miniature.ts";
import { imageFolder } from "../search/images.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const model = `${root}data/emoji-clip`, phi = `${model}/phi-lincir.safetensors`;

/** Runs an example in a folder of its own: what it caches there is nobody else's. */
async function example(cwd: string, name: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", `${root}deno.json`, `${root}examples/${name}`, ...args],
    cwd,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("every example has at most 30 lines and a first line that says what it does", async () => {
  for (const { name } of Deno.readDirSync(`${root}examples`)) {
    const lines = (await Deno.readTextFile(`${root}examples/${name}`)).trim().split("\n");
    assert(lines.length <= 30 && lines[0].startsWith("// "), name);
  }
});

Deno.test("the README shows compose.ts as it is, but for its imports", async () => {
  const script = (await Deno.readTextFile(`${root}examples/compose.ts`)).split("\n").slice(1).join("\n");
  const shown = script.trim().replace('"../mod.ts"', '"@rtd/toolkit"')
    .replace('"../lib/search/mod.ts"', '"@rtd/toolkit/search"');
  assertStringIncludes(await Deno.readTextFile(`${root}README.md`), shown);
});

Deno.test("compose.ts searches a folder, whose images it encodes once", async () => {
  const photos = await imageFolder(7), cwd = await Deno.makeTempDir();
  const compose = () => example(cwd, "compose.ts", model, phi, `${photos}/0.jpg`, "is red", photos);
  const first = await compose(), found = first.trim().split("\n");
  assertEquals(found.length, 5);
  for (const path of found) assert((await Deno.stat(path)).isFile, path);
  const state = async () =>
    (await Array.fromAsync(Deno.readDir(`${photos}.index`))).map((
      { name },
    ) => [name, Deno.statSync(`${photos}.index/${name}`).mtime?.getTime()]).sort();
  const before = await state();
  assertEquals(await compose(), first);
  assertEquals(await state(), before);
  for (const folder of [photos, `${photos}.index`, cwd]) await Deno.remove(folder, { recursive: true });
});

Deno.test("fine_tune.ts fine-tunes and saves an encoder, which evaluate.ts evaluates on a benchmark", async () => {
  const folder = await Deno.makeTempDir();
  const triplets = ["red", "green", "blue"].flatMap((from) =>
    ["black", "white"].map((to) => ({ reference: `${from} heart`, conditioning: `is ${to}`, target: `${to} heart` }))
  );
  await Deno.writeTextFile(`${folder}/triplets.json`, JSON.stringify(triplets));
  const printed = await example(folder, "fine_tune.ts", model, phi, `${folder}/triplets.json`, `${folder}/tuned`, "2");
  assertStringIncludes(printed, "step 2: loss ");
  await makeCirr(`${folder}/cirr`);
  const figures = await example(
    folder,
    "evaluate.ts",
    "cirr",
    `${folder}/cirr`,
    model,
    phi,
    `${folder}/tuned`,
    "as-found",
  );
  assertStringIncludes(figures, "phi + text cirr {");
  assertStringIncludes(figures, "phi + text, fine-tuned encoder cirr {");
  await Deno.remove(folder, { recursive: true });
});
