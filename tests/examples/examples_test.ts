/** The ready scripts of `examples/`, run as a user would. */
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeCirr } from "../benchmarks/miniature.ts";

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

Deno.test("the README shows compose.ts as it is, but for its import", async () => {
  const script = (await Deno.readTextFile(`${root}examples/compose.ts`)).split("\n").slice(1).join("\n");
  const shown = script.trim().replace('"../mod.ts"', '"@rtd/toolkit"');
  assertStringIncludes(await Deno.readTextFile(`${root}README.md`), shown);
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
