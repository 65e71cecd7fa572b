/** Extraction in a process of its own that is killed without warning, and goes on where it was. */
import { assert, assertEquals } from "@std/assert";
import { filePath } from "../../lib/io/path.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";

const images = filePath(new URL("../goldens/images/", import.meta.url));

Deno.test("encodeImageFiles: kill -9 during extraction, then again: the same features, and no finished shard made twice", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/images`);
  const sources = ["grey.png", "alpha.png", "cmyk.jpg", "exact_32.png", "lossy.webp", "grey.jpg"];
  // Links, so that three shards of 512 images and less cost no copying.
  for (let i = 0; i < 1200; i++) {
    await Deno.link(
      await copied(folder, sources[i % sources.length]),
      `${folder}/images/${String(i).padStart(5, "0")}.${sources[i % sources.length].split(".")[1]}`,
    );
  }
  const script = filePath(new URL("extract.ts", import.meta.url));
  const config = filePath(new URL("../../deno.json", import.meta.url));
  const extract = (cache: string) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--no-check", "--config", config, script],
        ...[filePath(embeddedModelFolder("small")), `${folder}/images`, `${folder}/${cache}`],
      ],
      stdout: "piped",
      stderr: "null",
    });
  const printed = async (cache: string): Promise<{ encoded: number; hash: string }> =>
    JSON.parse(new TextDecoder().decode((await extract(cache).output()).stdout));
  const straight = await printed("straight");
  assertEquals(straight.encoded, 1200);

  const killed = extract("killed").spawn();
  const shards = async () => {
    const found: string[] = [];
    for (const { name } of await Array.fromAsync(readIfThere(`${folder}/killed`))) {
      for await (const inner of Deno.readDir(`${folder}/killed/${name}`)) {
        if (/^features-.*s$/.test(inner.name)) found.push(inner.name);
      }
    }
    return found;
  };
  while ((await shards()).length < 1) await new Promise((resume) => setTimeout(resume, 5));
  killed.kill("SIGKILL");
  await killed.stdout.cancel();
  assert(!(await killed.status).success, "it ended before it was killed");
  const finished = (await shards()).length;
  const resumed = await printed("killed");
  assertEquals(resumed, { encoded: 1200 - 512 * finished, hash: straight.hash });
  await Deno.remove(folder, { recursive: true });
});

async function copied(folder: string, name: string): Promise<string> {
  const path = `${folder}/${name}`;
  if (!await Deno.stat(path).then(() => true, () => false)) await Deno.copyFile(`${images}${name}`, path);
  return path;
}

async function* readIfThere(folder: string): AsyncGenerator<Deno.DirEntry> {
  if (await Deno.stat(folder).then(() => true, () => false)) yield* Deno.readDir(folder);
}
