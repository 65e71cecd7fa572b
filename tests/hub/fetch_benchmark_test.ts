import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import type { DataSource } from "../../lib/hub/data_sources.ts";
import { fetchBenchmark } from "../../lib/hub/fetch_benchmark.ts";
import { madeZip } from "./made_zip.ts";
import { bytes, pathsBelow } from "./miniature_hub.ts";

const entries = Array.from({ length: 9 }, (_, i) => ({ name: `images/${i}.jpg`, content: bytes(9000 + i, 97 * i) }));
const archive = madeZip(entries), half = archive.length >> 1;
const annotation = new TextEncoder().encode('{"a": 1}');
const sourceOf = (zip: Uint8Array, only?: string[]): DataSource => ({
  repository: "owner/name",
  commit: "c".repeat(40),
  licence: "MIT",
  // Its size is not known, as that of GeneCIS' larger files.
  files: [{
    from: "val.json",
    to: "annotations/val.json",
    hash: createHash("sha1").update(`blob ${annotation.length}\0`).update(annotation).digest("hex"),
  }],
  archives: [{
    url: "http://images.example.org/zips/a.zip",
    size: zip.length,
    hash: createHash("md5").update(zip).digest("hex"),
    to: "COCO",
    only,
    images: true,
  }],
  steps: [],
});
const source = sourceOf(archive);

/** A mirror with the annotation and an archive; `zip` answers for the archive first, if it returns something. */
async function mirrored(
  zip: (request: Request) => Response | Uint8Array<ArrayBuffer> | undefined,
  use: (mirror: string, folder: string, asked: string[]) => Promise<void>,
) {
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url), range = request.headers.get("range");
    asked.push([request.method, pathname, ...(range ? [range] : [])].join(" "));
    const found = pathname.endsWith("/val.json") ? annotation : zip(request) ?? archive;
    if (found instanceof Response) return found;
    const from = Number(range?.match(/\d+/)?.[0] ?? 0);
    return new Response(request.method === "HEAD" ? null : found.slice(from), {
      status: from > 0 ? 206 : 200,
      headers: { "content-length": String(found.length - from), etag: '"one"' },
    });
  });
  const home = await Deno.makeTempDir();
  try {
    await use(`http://127.0.0.1:${server.addr.port}`, `${home}/made/benchmark`, asked);
  } finally {
    await server.shutdown();
    await Deno.remove(home, { recursive: true });
  }
}

const whole = [
  ...[".fetched-a.zip.json", "COCO", "COCO/images", ...entries.map(({ name }) => `COCO/${name}`)],
  ...["annotations", "annotations/val.json"],
];
const head = "HEAD /images.example.org/zips/a.zip", get = head.replace("HEAD", "GET");

Deno.test("fetchBenchmark: an archive cut half-way is resumed, unpacked, removed, and not fetched again", async () => {
  let cuts = 0;
  await mirrored((request) => {
    if (request.method === "HEAD" || cuts++ > 0) return undefined;
    return new Response(archive.slice(0, half));
  }, async (mirror, folder, asked) => {
    const fetch = () => fetchBenchmark(source, folder, { mirror, images: true });
    await assertRejects(fetch, Error, `stopped after ${half} of ${archive.length} bytes`);
    assertEquals(await fetch(), ["http://images.example.org/zips/a.zip"]);
    assertEquals(pathsBelow(folder), whole);
    for (const { name, content } of entries) assertEquals(await Deno.readFile(`${folder}/COCO/${name}`), content);
    assertEquals(asked.slice(2), [head, get, head, `${get} bytes=${half}-`]);
    assertEquals(asked[0], `HEAD /raw.githubusercontent.com/owner/name/${"c".repeat(40)}/val.json`);
    assertEquals(await fetch(), []);
    assertEquals(asked.length, 6);
    // One image less: the archive is needed again, and only that image is written.
    await Deno.remove(`${folder}/COCO/images/3.jpg`);
    await fetch();
    assertEquals(pathsBelow(folder), whole);
  });
});

Deno.test("fetchBenchmark: images only on demand; two needs of one archive add up", async () => {
  await mirrored(() => undefined, async (mirror, folder, asked) => {
    assertEquals(await fetchBenchmark(source, folder, { mirror }), ["annotations/val.json"]);
    assertEquals(asked.length, 2);
    const fetch = (name: string) => fetchBenchmark(sourceOf(archive, [name]), folder, { mirror, images: true });
    await fetch("images/1.jpg"), await fetch("images/2.jpg");
    assertEquals(pathsBelow(`${folder}/COCO/images`), ["1.jpg", "2.jpg"]);
    assertEquals([await fetch("images/1.jpg"), await fetch("images/2.jpg")], [[], []]);
    // All of it is more than the two.
    await fetchBenchmark(source, folder, { mirror, images: true });
    assertEquals(pathsBelow(folder), whole);
  });
});

Deno.test("fetchBenchmark: what is no archive of this sum is thrown away; where nothing arrived no folder stays", async () => {
  const page = new TextEncoder().encode("<!DOCTYPE html><title>Sign in</title>");
  for (
    const [body, sentence] of [[page, "a web page arrived"], [archive.map((byte) => byte ^ 1), "the hash"]] as const
  ) {
    await mirrored(() => body.slice(), async (mirror, folder) => {
      const only = { ...source, files: [] };
      await assertRejects(() => fetchBenchmark(only, folder, { mirror, images: true }), Error, sentence);
      await assertRejects(() => Deno.stat(folder.replace("/benchmark", "")), Deno.errors.NotFound);
    });
  }
  await mirrored(() => new Response("no", { status: 404 }), async (mirror, folder) => {
    const fetch = () => fetchBenchmark(source, folder, { mirror, images: true });
    await assertRejects(fetch, Error, "the server answered 404");
    assertEquals(pathsBelow(folder), ["annotations", "annotations/val.json"]);
  });
});

Deno.test("fetchBenchmark: of two at once, one is refused and the other's files are whole", async () => {
  await mirrored(() => undefined, async (mirror, folder) => {
    const fetch = () => fetchBenchmark({ ...source, files: [] }, folder, { mirror, images: true });
    const ends = await Promise.allSettled([fetch(), fetch()]);
    assertEquals(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assertEquals(pathsBelow(folder), whole.slice(0, -2));
  });
});
