/** The library as others import it: from a folder of their own, with and without a configuration. */
import { fileURLToPath } from "node:url";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { addonState } from "../../lib/backend/tensorflow.ts";
import { emojiCatalogue } from "../../lib/emoji/data/catalogue.ts";
import { emojiSize } from "../../lib/emoji/data/images.ts";
import { loadIcons } from "../../lib/embedded/icons.ts";
import { rasterisePng, startRasteriser } from "../../lib/io/rasterise_svg.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = await Deno.readTextFile(`${root}README.md`);
const [trainExample, composeExample] = [...readme.matchAll(/^```ts.*?\n(.*?)^```/gms)].map(([, code]) => code);

/** Makes a foreign folder with both examples of the README and a gallery of images. */
async function foreignFolder(configured: boolean, device: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "foreign project " });
  const adapt = (code: string) =>
    code.replace(/useDevice\("\w+"\)/, `useDevice("${device}")`)
      .replaceAll(/"@rtd\/toolkit(?:\/(\w+))?"/g, (name, room) =>
        configured ? name : JSON.stringify(`${root}${room ? `lib/${room}/mod.ts` : "mod.ts"}`));
  if (configured) {
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports: { "@rtd/toolkit": `${root}mod.ts` } }));
  }
  await Deno.writeTextFile(`${folder}/train.ts`, adapt(trainExample));
  // The sub-paths come with the one entry of the import map.
  const typed = configured ? 'import { stepPairs } from "@rtd/toolkit/rtd";\nconsole.log(typeof stepPairs);\n' : "";
  await Deno.writeTextFile(`${folder}/main.ts`, `${typed}await import("./train.ts");\nawait import("./compose.ts");\n`);
  await Deno.writeTextFile(`${folder}/compose.ts`, adapt(composeExample));
  await startRasteriser();
  const icons = await loadIcons("noto"), named = new Map((await emojiCatalogue()).map((e) => [e.caption, e.code]));
  await Deno.mkdir(`${folder}/gallery`);
  for (const caption of ["red heart", "blue heart", "green heart", "red apple", "woman running", "cat", "airplane"]) {
    const png = rasterisePng(icons.svg(named.get(caption)!, emojiSize), [], 1);
    await Deno.writeFile(`${folder}/gallery/${caption}.png`, png);
  }
  return folder;
}

async function runBoth(configured: boolean, device: string): Promise<void> {
  const folder = await foreignFolder(configured, device);
  const args = ["data/emoji-clip", "data/emoji-clip/phi-lincir.safetensors"].map((path) => `${root}${path}`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--check",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        "--allow-env",
        "--allow-sys",
        "--allow-ffi",
        "main.ts",
      ],
      ...[...args, "gallery/red heart.png", "is blue instead of red", "gallery"],
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, errors);
  const lines = printed.trim().split("\n");
  // Losses of the first example, then the five best images of the second; the frozen encoder composes roughly.
  assertStringIncludes(printed, "[ 0.648");
  assertStringIncludes(lines.slice(-5).slice(0, 3).join(), "gallery/blue heart.png");
  await Deno.remove(folder, { recursive: true });
}

const addon = await addonState();
for (const [device, absent] of [["wasm", ""], ["tensorflow", addon.ready ? "" : addon.why]]) {
  for (const configured of [false, true]) {
    Deno.test({
      name:
        `a foreign folder ${configured ? "with" : "without"} deno.json type-checks and runs the README's examples ` +
        `[${device}]${absent ? ` (skipped: ${absent}; run "deno task setup")` : ""}`,
      ignore: absent !== "",
      fn: () => runBoth(configured, device),
    });
  }
}

Deno.test("without permissions the import works, and what cannot be read is one sentence with its flag", async () => {
  const script = `
    import * as rtd from ${JSON.stringify(`${root}mod.ts`)};
    for (const device of ["auto", "wasm", "abacus"] as const) {
      await rtd.useDevice(device as "auto").catch((error) => console.log(error.message));
    }
    await rtd.loadEmbeddedModel().catch((error) => console.log(error.message));
  `;
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.ts`, script);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", `${folder}/a.ts`],
    cwd: folder,
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, 4, lines.join("\n"));
  assertStringIncludes(lines[0], "is not permitted; add --allow-read, or choose");
  assertStringIncludes(lines[1], "Loading the wasm device failed: reading ");
  assertStringIncludes(lines[2], 'Selecting the device "abacus" failed: choose one of auto, tensorflow, webgpu, wasm.');
  assertStringIncludes(lines[3], "Loading the embedded model failed: reading ");
  await Deno.remove(folder, { recursive: true });
});
