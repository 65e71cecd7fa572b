import { assertEquals, assertStringIncludes } from "@std/assert";
import { emojiBenchmark } from "../../lib/emoji/data/benchmark.ts";
import { rasterisePng } from "../../lib/io/rasterise_svg.ts";
import { emojiSize } from "../../lib/emoji/data/images.ts";

const root = new URL("../../", import.meta.url);

Deno.test("the example of the README finds an image with an image and a text, from files alone", async () => {
  const { icons: { noto }, emoji } = await emojiBenchmark();
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/gallery`);
  const named = new Map(emoji.map(({ caption, code }) => [caption, code]));
  const draw = (caption: string) => rasterisePng(noto.svg(named.get(caption)!, emojiSize), [], 1);
  for (const caption of ["red heart", "blue heart", "green heart", "red apple", "woman running", "cat", "airplane"]) {
    await Deno.writeFile(`${folder}/gallery/${caption}.png`, draw(caption));
  }
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      "scripts/compose.ts",
      "data/emoji-clip",
      "data/emoji-clip/phi-lincir.safetensors",
      `${folder}/gallery/red heart.png`,
      "is blue instead of red",
      `${folder}/gallery`,
    ],
    cwd: root,
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const top = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(top.length, 5);
  // The untuned encoder is asked: the wanted image is among the best, not surely the first.
  assertStringIncludes(top.slice(0, 3).join(), "blue heart.png");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the README shows that example as it is, in at most 30 lines", async () => {
  const script = await Deno.readTextFile(new URL("scripts/compose.ts", root));
  assertStringIncludes(await Deno.readTextFile(new URL("README.md", root)), script.trim());
  assertEquals(script.trim().split("\n").length <= 30, true);
});
