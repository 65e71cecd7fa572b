import { dirname } from "node:path";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { maxListingBytes } from "../../lib/hub/hub_client.ts";
import { assertSentence, commit, modelFolder, pathsBelow, withHub } from "./miniature_hub.ts";

const listing = (sha: unknown, ...extra: unknown[]) => ({
  sha,
  siblings: [
    ...["config.json", "tokenizer.json", "model.safetensors"].map((rfilename) => ({ rfilename })),
    ...extra,
  ],
});

/** The error of a fetch whose listing is the text. */
async function errorOf(text: string, cacheTest = (_: string) => {}): Promise<string> {
  const replace = (_: Request, path: string) => path.startsWith("/api/") ? new Response(text) : undefined;
  let message = "";
  await withHub({ replace }, async (_, cache) => {
    const error = await assertRejects(() => fetchModel("org/clip"), Error);
    assertSentence(error);
    message = error.message;
    cacheTest(cache);
  });
  return message;
}

for (const sha of ["../../../escaped", "C".repeat(40), "c".repeat(39), "", ".", 5, undefined]) {
  Deno.test(`fetchModel: the commit ${JSON.stringify(sha)} is refused, and nothing is written`, async () => {
    const message = await errorOf(JSON.stringify(listing(sha)), (cache) => {
      assertEquals(pathsBelow(dirname(cache)), []);
    });
    assert(message.includes(`the commit ${JSON.stringify(sha)}, expected were 40 hexadecimal digits`), message);
  });
}

for (const file of ["../evil", "a/../../evil", "/etc/evil", "a\\b", "..", "", "a//b", "./a", "a\0b"]) {
  Deno.test(`fetchModel: a listing that names the file ${JSON.stringify(file)} is refused`, async () => {
    const message = await errorOf(JSON.stringify(listing(commit, { rfilename: file })), (cache) => {
      assertEquals(pathsBelow(dirname(cache)), []);
    });
    assert(message.includes(`the file ${JSON.stringify(file)}, which leaves the model's folder`), message);
  });
}

Deno.test("fetchModel: an answer that is no list of files is one sentence", async () => {
  const answers = ["<html>", "", "null", "7", "[]", "{}", JSON.stringify({ sha: commit }), "{"];
  const lists = ["x", {}, [], [null], [7], [{}], [{ rfilename: 7 }]];
  for (const answer of [...answers, ...lists.map((siblings) => JSON.stringify({ sha: commit, siblings }))]) {
    const message = await errorOf(answer);
    assert(message.includes("did not answer with a list of files in JSON; is HF_ENDPOINT right?"), message);
  }
});

Deno.test("fetchModel: a list of files without end is read no further than its bound", async () => {
  let sent = 0;
  const replace = (_: Request, path: string) => {
    if (!path.startsWith("/api/")) return;
    const part = new Uint8Array(65_536).fill(32);
    return new Response(
      new ReadableStream({
        pull(controller) {
          sent += part.length;
          controller.enqueue(part);
          if (sent > 10 * maxListingBytes) controller.close();
        },
      }),
    );
  };
  await withHub({ replace }, async () => {
    const error = await assertRejects(() => fetchModel("org/clip"), Error, `longer than ${maxListingBytes} bytes`);
    assertSentence(error);
    assert(sent < 3 * maxListingBytes, `${sent} bytes were sent`);
  });
});

Deno.test("fetchModel: a file that the hub redirects inside itself has the size and hash of where it leads", async () => {
  const replace = (request: Request, path: string) =>
    path === `/org/clip/resolve/${commit}/config.json`
      ? new Response(request.method === "HEAD" ? null : "moved", {
        status: 307,
        headers: { location: `/org/clip/resolve/moved/config.json`, "content-length": "5" },
      })
      : undefined;
  await withHub({ replace }, async ({ files }) => {
    assertEquals(await Deno.readFile(`${await fetchModel("org/clip")}/config.json`), files["config.json"]);
  });
});

const hash = "a".repeat(64), large = { "x-linked-etag": hash };
for (
  const [name, headers] of [
    ["no length", large],
    ["an empty length", { ...large, "x-linked-size": "" }],
    ["a negative length", { ...large, "x-linked-size": "-5" }],
    ["a length that is no number", { ...large, "x-linked-size": "1e3" }],
    ["an endless length", { ...large, "x-linked-size": "9".repeat(40) }],
    ["no hash", { "x-linked-size": "300000" }],
    ["a path as its hash", { "x-linked-etag": "../../evil", "x-linked-size": "300000" }],
  ] as [string, Record<string, string>][]
) {
  Deno.test(`fetchModel: a file announced with ${name} is one sentence`, async () => {
    const replace = (request: Request, path: string) =>
      request.method === "HEAD" && path.endsWith(".safetensors")
        ? new Response(null, { status: 302, headers: { location: "/store/model.safetensors", ...headers } })
        : undefined;
    await withHub({ replace }, async (_, cache) => {
      const error = await assertRejects(() => fetchModel("org/clip"), Error, "/model.safetensors announces the hash");
      assertSentence(error);
      assertEquals(pathsBelow(`${modelFolder(cache)}/refs`), []);
    });
  });
}

for (const size of [0, 1000, 299_999, 300_001]) {
  Deno.test(`fetchModel: a file announced with ${size} bytes that has 300000 is one sentence, and nothing is linked`, async () => {
    const replace = (request: Request, path: string) =>
      request.method === "HEAD" && path.endsWith(".safetensors")
        ? new Response(null, { status: 302, headers: { location: "/", ...large, "x-linked-size": String(size) } })
        : undefined;
    await withHub({ replace }, async (_, cache) => {
      const error = await assertRejects(() => fetchModel("org/clip"), Error);
      assertSentence(error);
      assert(error.message.includes(size > 300_000 ? "after 300000 of 300001 bytes" : "thrown away"), error.message);
      assertEquals(pathsBelow(`${modelFolder(cache)}/snapshots/${commit}`), ["config.json", "tokenizer.json"]);
    });
  });
}
