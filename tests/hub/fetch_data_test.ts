import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import type { DataSource } from "../../lib/hub/data_sources.ts";
import { fetchData } from "../../lib/hub/fetch_data.ts";
import { bytes } from "./miniature_hub.ts";

const content = bytes(50_000, 3).slice();
const source: DataSource = {
  repository: "owner/name",
  commit: "c".repeat(40),
  licence: "MIT",
  files: [{
    from: "a/val.json",
    to: "deep/a/val.json",
    size: content.length,
    hash: createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
  }],
  steps: [],
};

/** Serves `answer` and runs `use` with the address and a new folder. */
async function served(
  answer: (request: Request) => Response | Promise<Response>,
  use: (endpoint: string, folder: string) => Promise<void>,
) {
  const server = Deno.serve({ port: 0, onListen: () => {} }, answer), folder = await Deno.makeTempDir();
  try {
    await use(`http://127.0.0.1:${server.addr.port}`, folder);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("fetchData: a connection cut half-way is resumed by a range, and a second run fetches nothing", async () => {
  const asked: (string | null)[] = [], paths: string[] = [];
  await served((request) => {
    const range = request.headers.get("range");
    asked.push(range), paths.push(new URL(request.url).pathname);
    if (!range) return new Response(content.slice(0, 20_000));
    const headers = { "content-range": `bytes 20000-49999/50000` };
    return new Response(content.slice(20_000), { status: 206, headers });
  }, async (endpoint, folder) => {
    const fetch = () => fetchData(source, folder, { endpoint });
    await assertRejects(fetch, Error, "stopped after 20000 of 50000 bytes");
    assertEquals(await fetch(), ["deep/a/val.json"]);
    assertEquals(await Deno.readFile(`${folder}/deep/a/val.json`), content);
    assertEquals(await fetch(), []);
    assertEquals(asked, [null, "bytes=20000-"]);
    assertEquals(paths[0], `/owner/name/${"c".repeat(40)}/a/val.json`);
  });
});

for (
  const [what, body, sentence] of [
    ["a login page", "<!DOCTYPE html><title>Sign in</title>", "a web page arrived in the file's place"],
    ["other content of the same size", bytes(50_000, 4), "they were thrown away"],
    ["a longer body", bytes(60_000, 3), "more than the 50000 bytes that were announced arrived"],
  ] as const
) {
  Deno.test(`fetchData: ${what} is refused and nothing of it is kept`, async () => {
    await served(() => new Response(body.slice()), async (endpoint, folder) => {
      await assertRejects(() => fetchData(source, folder, { endpoint }), Error, sentence);
      assertEquals([...Deno.readDirSync(`${folder}/deep/a`)].length, 0);
    });
  });
}

Deno.test("fetchData: a file of another content is never overwritten", async () => {
  let asked = 0;
  await served(() => (asked++, new Response(content)), async (endpoint, folder) => {
    await Deno.mkdir(`${folder}/deep/a`, { recursive: true });
    await Deno.writeTextFile(`${folder}/deep/a/val.json`, "mine");
    await assertRejects(() => fetchData(source, folder, { endpoint }), Error, "will not be overwritten");
    assertEquals([asked, await Deno.readTextFile(`${folder}/deep/a/val.json`)], [0, "mine"]);
  });
});

Deno.test("fetchData: of two at once, one is refused and the other's file is whole", async () => {
  await served(() => new Response(content), async (endpoint, folder) => {
    const ends = await Promise.allSettled([1, 2].map(() => fetchData(source, folder, { endpoint })));
    assertEquals(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assertEquals(await Deno.readFile(`${folder}/deep/a/val.json`), content);
  });
});
