/**
 * The walk of docs/walk.md in miniature, against servers on this machine: a CLIP from the hub and a benchmark from a
 * mirror, each cut half-way; RTD; the evaluation of both encoders; the comparison.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import type { DataSource } from "../../lib/hub/data_sources.ts";
import { fetchBenchmark } from "../../lib/hub/fetch_benchmark.ts";
import { makeCirco } from "../benchmarks/miniature.ts";
import { type MadeEntry, madeZip } from "../hub/made_zip.ts";
import { miniature } from "../hub/miniature_hub.ts";
import { device, runTask } from "./run_command.ts";

const embedded = embeddedModelFolder("small").pathname;
const cwd = await Deno.realPath(await Deno.makeTempDir());
globalThis.addEventListener("unload", () => Deno.removeSync(cwd, { recursive: true }));
const run = async (task: string, args: string[], env: Record<string, string> = {}) => {
  const ended = await runTask(task, args, { cwd, env });
  assertEquals(ended.code, 0, ended.text);
  return ended;
};

/** CIRCO in miniature as its publishers have it: annotations in git, two archives of COCO. */
async function publishedCirco() {
  const made = `${cwd}/made`;
  await makeCirco(made);
  const annotations = await Promise.all(["val", "test"].map(async (split) => {
    const name = `annotations/${split}.json`, content = await Deno.readFile(`${made}/${name}`);
    const hash = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    return { name, content, file: { from: name, to: name, size: content.length, hash } };
  }));
  const entries: MadeEntry[] = [];
  for (const { name } of Deno.readDirSync(`${made}/COCO2017_unlabeled/unlabeled2017`)) {
    const content = await Deno.readFile(`${made}/COCO2017_unlabeled/unlabeled2017/${name}`);
    entries.push({ name: `unlabeled2017/${name}`, content });
  }
  const info = "annotations/image_info_unlabeled2017.json";
  const content = await Deno.readFile(`${made}/COCO2017_unlabeled/${info}`);
  const zips = { "images.zip": madeZip(entries), "info.zip": madeZip([{ name: info, content }]) };
  const repository = "owner/circo", commit = "c".repeat(40), host = "images.example.org";
  const source: DataSource = {
    repository,
    commit,
    licence: "",
    files: annotations.map(({ file }) => file),
    archives: Object.entries(zips).map(([name, zip]) => ({
      url: `http://${host}/${name}`,
      size: zip.length,
      hash: createHash("sha256").update(zip).digest("hex"),
      to: "COCO2017_unlabeled",
      images: true,
    })),
    steps: [],
  };
  const files = Object.fromEntries([
    ...annotations.map(({ name, content }) => [`/raw.githubusercontent.com/${repository}/${commit}/${name}`, content]),
    ...Object.entries(zips).map(([name, zip]) => [`/${host}/${name}`, zip]),
  ]) as Record<string, Uint8Array<ArrayBuffer>>;
  return { source, files };
}

/** A mirror that ends the first answer with the images half-way. */
function mirrorOf(files: Record<string, Uint8Array<ArrayBuffer>>) {
  let cut = true;
  const ranges: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url), content = files[pathname], range = request.headers.get("range");
    if (!content) return new Response("no", { status: 404 });
    if (range) ranges.push(range);
    const from = Number(range?.match(/\d+/)?.[0] ?? 0);
    if (request.method === "HEAD") return new Response(null, { headers: { "content-length": String(content.length) } });
    if (cut && pathname.endsWith("/images.zip")) {
      cut = false;
      return new Response(content.slice(0, content.length >> 1));
    }
    return new Response(content.slice(from), { status: from > 0 ? 206 : 200 });
  });
  return { server, ranges, address: `http://127.0.0.1:${server.addr.port}` };
}

Deno.test("the walk: a CLIP and CIRCO fetched through cut connections, RTD, both encoders evaluated and compared", async () => {
  const files = ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"];
  const weights = Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await Deno.readFile(`${embedded}${name}`)])),
  );
  const hub = miniature({ weights, cutFirst: true }), published = await publishedCirco();
  const mirror = mirrorOf(published.files);
  try {
    const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: `${cwd}/hf` };
    const cut = await runTask("fetch-model", ["org/clip"], { cwd, env });
    assertEquals(cut.code, 1, cut.text);
    assertStringIncludes(cut.err, "stopped after 150000 of");
    const clip = (await run("fetch-model", ["org/clip"], env)).out.trim().split("\n").at(-1)!;

    const data = `${cwd}/circo`, options = { mirror: mirror.address, images: true };
    const first = await fetchBenchmark(published.source, data, options).then(() => "", (error) => error.message);
    assertStringIncludes(first, "the same command goes on from there");
    assertEquals(await fetchBenchmark(published.source, data, options), [
      "http://images.example.org/images.zip",
      "http://images.example.org/info.zip",
    ]);
    assertEquals(mirror.ranges, [`bytes=${published.files["/images.example.org/images.zip"].length >> 1}-`]);

    const found = ["--data", "circo", "--counts", "as-found"];
    await run("data-check", ["circo", ...found, "--split", "val"]);
    const phi = `${embedded}${phiFile("SEARLE")}`, models = ["--clip", clip, "--phi", phi, "--device", device];
    const colours = ["red", "green", "blue", "black"], nouns = ["apple", "heart", "book", "hat"];
    await Deno.writeTextFile(
      `${cwd}/triplets.jsonl`,
      nouns.flatMap((noun) =>
        colours.map((colour, i) =>
          JSON.stringify({
            reference_caption: `${colour} ${noun}`,
            conditioning_caption: `is ${colours[(i + 1) % 4]}`,
            target_caption: `${colours[(i + 1) % 4]} ${noun}`,
          })
        )
      ).join("\n"),
    );
    const recipe = ["--set", "lr=3e-4,steps=6,batch=8"];
    await run("train", [...models, "--triplets", "triplets.jsonl", ...recipe, "--out", "run"]);
    await run("evaluate", ["--benchmark", "circo", ...found, ...models, "--text-encoder", "run/last"]);
    const results = ["phi-text", "phi-text-fine-tuned-encoder"].map((name) => `results/circo-val/${name}.jsonl`);
    const compared = await run("compare", [...results, "--metric", "mAP@5"]);
    assert(/mAP@5/.test(compared.out), compared.text);
  } finally {
    await hub.server.shutdown();
    await mirror.server.shutdown();
  }
});

Deno.test("fetch-data: a mirror is asked for each file as HOST/PATH, and other content than published is refused", async () => {
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return new Response(new Uint8Array(111_978));
  });
  const mirror = `http://127.0.0.1:${server.addr.port}/`;
  const { code, err } = await runTask("fetch-data", ["circo", "--data", "none", "--mirror", mirror], { cwd });
  assertEquals(code, 1);
  assertStringIncludes(err, "they were thrown away, try again.");
  const repository = "/raw.githubusercontent.com/miccunifi/CIRCO/267b5c9087d856ce1b41d2daf8f385ae5b629a3b";
  assertEquals(asked, [`${repository}/annotations/val.json`]);
  assert(!await Deno.stat(`${cwd}/none`).then(() => true, () => false), "an empty folder stayed");
  await server.shutdown();
});

Deno.test("fetch-data: of i-CIR, whose archive is no ZIP, the steps are told and nothing is written", async () => {
  const { code, out } = await runTask("fetch-data", ["icir", "--data", "none"], { cwd });
  assertEquals([code, out.split("\n").slice(0, 2)], [0, ["Nothing of icir is fetched here.", "Left to do:"]]);
  assertStringIncludes(out, "curl -L -C - -O https://vrg.fel.cvut.cz/icir/icir_v1.0.0.tar.gz\n  2. Unpack it: ");
  assert(!await Deno.stat(`${cwd}/none`).then(() => true, () => false), "a folder was made");
  assertStringIncludes(
    (await runTask("fetch-data", ["--list"], { cwd })).out,
    "icir: nothing, the steps to it are told;",
  );
  const images = await runTask("fetch-data", ["icir", "--data", "none", "--images"], { cwd });
  assertStringIncludes(images.err, "no archive of images of icir is fetched here; leave --images out");
});

Deno.test("fetch-data and fetch-phi: more than 1 GB needs --yes; a misspelt name is told its neighbour", async () => {
  const large = await runTask("fetch-data", ["circo", "--data", "none", "--images"], { cwd });
  assertEquals([large.code, large.err.trim()], [
    1,
    "Fetching data failed: this downloads about 20.4 GB, and the disk needs room for twice as much while it is " +
    "unpacked; to do so, add --yes.",
  ]);
  const data = await runTask("fetch-data", ["cirko", "--data", "none"], { cwd });
  assertStringIncludes(data.err, "did you mean circo?\n");
  const phi = await runTask("fetch-phi", ["searle-b23"], { cwd });
  assertStringIncludes(phi.err, "did you mean searle-b32?\n");
  const byHand = await runTask("fetch-phi", ["pic2word-l14"], { cwd });
  assertEquals(byHand.code, 1);
  assertStringIncludes(byHand.out, "  1. In a browser open https://drive.google.com/");
});
