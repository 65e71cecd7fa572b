import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runTask, startTask } from "./run_command.ts";

const clip = new URL("../../data/emoji-clip-small", import.meta.url).pathname;
const images = new URL("../goldens/images", import.meta.url).pathname;

/** Starts the page and waits for its address. */
async function start(args: string[], cwd: string) {
  const child = startTask("serve", ["--port", "0", "--device", "wasm", ...args], { cwd });
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "", address: string | undefined;
  while (address === undefined) {
    const { done, value } = await output.read();
    if (done) throw new Error(`${said}${await new Response(child.stderr).text()}`);
    said += value;
    address = said.match(/http:\/\/[\d.]+:\d+/)?.[0];
  }
  const rest = (async () => {
    for (let part = await output.read(); !part.done; part = await output.read()) said += part.value;
  })();
  const errors = new Response(child.stderr).text();
  const until = async (wanted: (state: { collection?: { size: number }; fineTuned: string }) => boolean) => {
    while (true) {
      const state = await (await fetch(`${address}/api/state`)).json();
      if (wanted(state)) return state;
      await new Promise((go) => setTimeout(go, 300));
    }
  };
  return {
    address,
    until,
    async end(): Promise<{ code: number; out: string; err: string }> {
      child.kill("SIGINT");
      await rest;
      return { code: (await child.status).code, out: said, err: await errors };
    },
  };
}

async function searched(address: string, query: unknown) {
  const headers = { "content-type": "application/json" };
  return await (await fetch(`${address}/api/search`, { method: "POST", headers, body: JSON.stringify(query) })).json();
}

Deno.test("serve: the embedded drawings are searched before and after RTD, which the next start finds again", async () => {
  const cwd = await Deno.makeTempDir(), page = await start([], cwd);
  const { collection } = await page.until(({ collection }) => collection !== undefined);
  assertEquals(collection.size, 3684);
  const [example] = collection.examples;
  const query = { image: example.row, text: example.text, top: 5 };
  const early = await searched(page.address, query);
  assertEquals(early.frozen.length, 5);
  await page.until(({ fineTuned }) => fineTuned === "ready");
  const late = await searched(page.address, query);
  assertEquals(late.frozen, early.frozen);
  assertEquals(late.fineTuned.length, 5);
  assert(JSON.stringify(late.fineTuned) !== JSON.stringify(late.frozen));
  // By now the process may read no file any more, and needs none.
  const uploaded = await fetch(`${page.address}/api/uploads`, {
    method: "POST",
    headers: { "content-type": "image/jpeg" },
    body: await Deno.readFile(`${images}/photo_420.jpg`),
  });
  assertEquals(uploaded.status, 200, await uploaded.clone().text());
  const { token } = await uploaded.json();
  assertEquals((await searched(page.address, { image: token, text: "is red", top: 5 })).fineTuned.length, 5);
  const { code, out, err } = await page.end();
  assertEquals(code, 130);
  assertStringIncludes(out, "(Ctrl-C closes it)");
  assertStringIncludes(out, "The page is closed.");
  assert(!err.includes("Error"), err);

  const again = await start([], cwd);
  await again.until(({ fineTuned }) => fineTuned === "ready");
  const kept = await searched(again.address, query);
  assertEquals(kept.fineTuned, late.fineTuned);
  assert(!(await again.end()).err.includes("Fine-tuning"));
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("serve: an index of one's own images is shown and searched, and only what is in it", async () => {
  const cwd = await Deno.makeTempDir();
  await Deno.mkdir(`${cwd}/photos`);
  for (const name of ["photo_420.jpg", "rgb.png", "large_601x403.jpg"]) {
    await Deno.copyFile(`${images}/${name}`, `${cwd}/photos/${name}`);
  }
  const indexed = await runTask("index", ["photos", "--clip", clip, "--out", "photos.index", "--device", "wasm"], {
    cwd,
  });
  assertEquals(indexed.code, 0, indexed.err);
  await Deno.copyFile(`${images}/grey.jpg`, `${cwd}/photos/later.jpg`);
  const phi = `${clip}/phi-lincir.safetensors`;
  const page = await start(["photos.index", "--clip", clip, "--phi", phi], cwd), { address } = page;
  const { collection, fineTuned } = await page.until(({ collection }) => collection !== undefined);
  assertEquals([collection.size, collection.methods[0], fineTuned], [3, "composed", "none"]);
  const { method, frozen, fineTuned: none } = await searched(address, { image: 0, text: "is red" });
  assertEquals([method, frozen.length, none], ["composed", 2, undefined]);
  assertEquals(frozen.map(({ label }: { label: string }) => label).sort(), ["photo_420.jpg", "rgb.png"]);
  const shown = await fetch(`${address}/images/${collection.key}/0`);
  assertEquals([shown.status, shown.headers.get("content-type")], [200, "image/jpeg"]);
  await shown.body?.cancel();
  const other = await fetch(`${address}/images/${collection.key}/3`);
  assertEquals(other.status, 404);
  await other.body?.cancel();
  await Deno.remove(`${cwd}/photos/rgb.png`);
  const gone = await (await fetch(`${address}/images/${collection.key}/2`)).json();
  assertStringIncludes(gone.error, "The image cannot be shown:");
  assert(!gone.error.includes(cwd), gone.error);
  await page.end();

  // Without a phi nothing can be composed.
  const plain = await start(["photos.index", "--clip", clip], cwd);
  const state = await plain.until(({ collection }) => collection !== undefined);
  assertEquals(state.collection.methods, ["sum", "product", "image", "text"]);
  await plain.end();
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("serve: what makes no sense is said at once, all of it", async () => {
  const cwd = await Deno.makeTempDir();
  const taken = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const port = String(taken.addr.port);
  const cases: [string[], string[]][] = [
    [["--clip", clip, "--phi", "x"], [
      '--clip, --phi: these belong to an index; name its folder, which "deno task index"',
    ]],
    [["none.index"], [
      "Reading",
      "none.index",
      "An index needs --clip, the folder of the CLIP that it was made with.",
    ]],
    [["none.index", "--images", "nowhere"], [
      "There is no folder",
      "nowhere; --images says where the images of the index are.",
    ]],
    [["--bind", "0.0.0.0"], ["listen at 127.0.0.1 only", "with --allow-net=0.0.0.0 instead of --allow-net=127.0.0.1."]],
    [["--bind", "a b"], ['--bind "a b" is not an address of a machine.']],
    [["--port", port], [`port ${port} is taken; choose another with --port, or 0 for any.`]],
    [["--port", "70000"], ['--port "70000" is not a whole number from 0 to 65535.']],
  ];
  for (const [args, sentences] of cases) {
    const { code, err } = await runTask("serve", ["--device", "wasm", ...args], { cwd });
    assertEquals([args, code], [args, 1]);
    for (const sentence of sentences) assertStringIncludes(err, sentence);
  }
  taken.close();
  await Deno.remove(cwd, { recursive: true });
});
