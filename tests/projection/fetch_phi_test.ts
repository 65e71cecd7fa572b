import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fetchPhi } from "../../lib/projection/fetch_phi.ts";
import type { ReleasedPhi } from "../../lib/projection/released_phis.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { miniature } from "../hub/miniature_hub.ts";

const content = await Deno.readFile(new URL("../goldens/pic2word.pt", import.meta.url)), half = content.length >> 1;
const phi: ReleasedPhi = {
  clip: "org/clip",
  width: 2,
  file: "phi.pt",
  from: { url: "https://github.com/owner/name/releases/download/weights/phi.pt" },
  source: "",
  licence: "",
  steps: [],
};

/** Serves the file at a release's address, which redirects to a store, and runs `use` with a new folder. */
async function released(
  store: (request: Request) => Response,
  use: (fetch: (below?: string) => ReturnType<typeof fetchPhi>, folder: string) => Promise<void>,
) {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/store") return store(request);
    assertEquals(pathname, "/owner/name/releases/download/weights/phi.pt");
    return Response.redirect(new URL("/store", request.url));
  });
  const folder = await Deno.makeTempDir(), endpoint = `http://127.0.0.1:${server.addr.port}`;
  try {
    await use((below = "") => fetchPhi(phi, `${folder}${below}`, { endpoint }), folder);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

/** An honest answer with `body`, ranges known. */
function answer(request: Request, body: Uint8Array<ArrayBuffer>, etag = '"one"', type = "application/octet-stream") {
  const from = Number(request.headers.get("range")?.match(/\d+/)?.[0] ?? 0);
  const headers = { etag, "content-type": type, "content-length": String(body.length - from) };
  if (request.method === "HEAD") return new Response(null, { headers });
  const range = { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` };
  return new Response(body.slice(from), { status: from > 0 ? 206 : 200, headers: { ...headers, ...range } });
}

/** As {@linkcode answer}, but the line goes dead half-way. */
function cut(request: Request, body: Uint8Array<ArrayBuffer>) {
  if (request.method === "HEAD") return answer(request, body);
  return new Response(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(body.slice(0, half));
        await new Promise((resume) => setTimeout(resume, 30));
        controller.error(new Error("cut"));
      },
    }),
  );
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("fetchPhi: a connection cut half-way is resumed; the sum is recorded and compared without the network", async () => {
  const ranges: (string | null)[] = [];
  await released((request) => {
    if (request.method === "GET") ranges.push(request.headers.get("range"));
    return ranges.length <= 1 ? cut(request, content) : answer(request, content);
  }, async (fetch, folder) => {
    const { message } = await assertRejects(fetch, Error);
    assertStringIncludes(message, `stopped after ${half} of ${content.length} bytes`);
    assertEquals(await fetch(), { file: `${folder}/phi.pt`, downloaded: true });
    assertEquals(await Deno.readFile(`${folder}/phi.pt`), content);
    assertEquals(await Deno.readTextFile(`${folder}/phi.pt.sha256`), `${await sha256(content)}  phi.pt\n`);
    assertEquals((await fetch()).downloaded, false);
    assertEquals(ranges, [null, `bytes=${half}-`]);
    assertEquals(names(folder), ["phi.pt", "phi.pt.sha256"]);
  });
});

Deno.test("fetchPhi: halves of two versions are never joined", async () => {
  let second = false;
  await released(
    (request) => second ? answer(request, content, '"two"') : cut(request, content.map((byte) => byte ^ 1)),
    async (fetch, folder) => {
      await assertRejects(fetch, Error, "stopped after");
      second = true;
      await fetch();
      assertEquals(await Deno.readFile(`${folder}/phi.pt`), content);
      assertEquals(names(folder), ["phi.pt", "phi.pt.sha256"]);
    },
  );
});

const page = new TextEncoder().encode("<!DOCTYPE html><title>Sign in</title>");
for (
  const [what, body, sentence] of [
    ["a web page", page, "a web page arrived in the file's place"],
    ["another file", new Uint8Array(300), "what arrived cannot be used and was thrown away"],
  ] as const
) {
  Deno.test(`fetchPhi: ${what} is refused and nothing of it is kept`, async () => {
    await released((request) => answer(request, body), async (fetch, folder) => {
      const { message } = await assertRejects(fetch, Error);
      assertStringIncludes(message, sentence);
      assertEquals(names(folder), []);
    });
  });
}

Deno.test("fetchPhi: another file at the same address, and a changed file on the disk, are refused by the record", async () => {
  let body: Uint8Array<ArrayBuffer> = content;
  await released((request) => answer(request, body, `"${body[0]}"`), async (fetch, folder) => {
    await fetch();
    body = content.slice().reverse();
    await Deno.remove(`${folder}/phi.pt`);
    await assertRejects(fetch, Error, `recorded in ${folder}/phi.pt.sha256 is`);
    assertEquals(names(folder), ["phi.pt.sha256"]);
    await Deno.writeFile(`${folder}/phi.pt`, body);
    await assertRejects(fetch, Error, "its sum is not");
    assertEquals(await Deno.readFile(`${folder}/phi.pt`), body);
  });
});

Deno.test("fetchPhi: of two at once, one is refused and the other's file is whole", async () => {
  await released((request) => answer(request, content), async (fetch, folder) => {
    const ends = await Promise.allSettled([fetch(), fetch()]);
    assertEquals(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assertEquals(await Deno.readFile(`${folder}/phi.pt`), content);
  });
});

Deno.test("fetchPhi: from the hub, with the size and sum that it announces", async () => {
  const asked: string[] = [];
  const hub = miniature({
    replace: (request, path) => {
      asked.push(`${request.method} ${path}`);
      if (path !== "/org/phis/resolve/main/phi.pt") return undefined;
      const headers = { "x-linked-etag": `"${hash}"`, "x-linked-size": String(content.length) };
      return request.method === "HEAD" ? new Response(null, { headers }) : new Response(content);
    },
  });
  const hash = await sha256(content), folder = await Deno.makeTempDir(), before = Deno.env.get("HF_ENDPOINT");
  Deno.env.set("HF_ENDPOINT", hub.endpoint);
  try {
    assert((await fetchPhi({ ...phi, from: { model: "org/phis" } }, folder)).downloaded);
    assertEquals(asked, ["HEAD /org/phis/resolve/main/phi.pt", "GET /org/phis/resolve/main/phi.pt"]);
  } finally {
    before === undefined ? Deno.env.delete("HF_ENDPOINT") : Deno.env.set("HF_ENDPOINT", before);
    await hub.server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("fetchPhi: a folder that was made for a file that never came goes again", async () => {
  await released(() => new Response("", { status: 404 }), async (fetch, folder) => {
    await assertRejects(() => fetch("/deep/er"), Error, "the server answered 404");
    assertEquals(names(folder), []);
  });
});
