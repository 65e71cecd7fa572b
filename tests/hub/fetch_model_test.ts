import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { neededFiles } from "../../lib/hub/cache.ts";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { answers } from "../../scripts/python.ts";

const python = filePath(new URL("../../.venv/reference/bin/python", import.meta.url));
const hasReference = await answers(python, ["-c", "import huggingface_hub"]) !== undefined;

/** A hub in miniature, on this machine: one model, whose weights come from a "store" behind a redirect. */
function miniature(options: { cutFirst?: boolean; lie?: boolean; ranges?: boolean } = {}) {
  const commit = "c".repeat(40);
  const files: Record<string, Uint8Array> = {
    "config.json": new TextEncoder().encode("{}"),
    "tokenizer.json": new TextEncoder().encode('{"a":1}'),
    "model.safetensors": Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 % 251),
    "tf_model.h5": new Uint8Array(10),
  };
  const asked: string[] = [];
  let cut = options.cutFirst ?? false;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url), range = request.headers.get("range");
    asked.push(
      `${request.method} ${pathname}${range ? ` ${range}` : ""} ${request.headers.get("authorization") ?? ""}`,
    );
    if (pathname === "/api/models/org/clip/revision/main") {
      return Response.json({ sha: commit, siblings: Object.keys(files).map((rfilename) => ({ rfilename })) });
    }
    if (pathname === "/api/models/org/gated/revision/main") return new Response("no", { status: 401 });
    const name = pathname.split("/").at(-1)!, content = files[name];
    if (!content) return new Response("no", { status: 404 });
    const large = name === "model.safetensors";
    const hash = large
      ? createHash("sha256").update(content).digest("hex")
      : createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    if (request.method === "HEAD") {
      return new Response(null, {
        status: large ? 302 : 200,
        headers: large
          ? {
            location: "/store/model.safetensors",
            "x-linked-etag": `"${hash}"`,
            "x-linked-size": String(content.length),
          }
          : { etag: `"${hash}"`, "content-length": String(content.length) },
      });
    }
    if (large && pathname.includes("/resolve/")) {
      return Response.redirect(new URL("/store/model.safetensors", request.url));
    }
    const from = range && options.ranges !== false ? Number(range.match(/\d+/)![0]) : 0;
    const body = (options.lie ? content.map((byte) => byte ^ 1) : content).slice(from);
    if (large && cut) {
      cut = false;
      // Half of it, then the line goes dead.
      return new Response(
        new ReadableStream({
          async start(controller) {
            controller.enqueue(body.subarray(0, 150_000));
            await new Promise((resume) => setTimeout(resume, 50));
            controller.error(new Error("cut"));
          },
        }),
        { headers: { "content-length": String(body.length) } },
      );
    }
    return new Response(body, { status: from > 0 ? 206 : 200 });
  });
  return { server, asked, files, commit, endpoint: `http://127.0.0.1:${server.addr.port}` };
}

/** Runs with a cache of its own and the miniature as the hub. */
async function withHub(
  options: Parameters<typeof miniature>[0],
  test: (hub: ReturnType<typeof miniature>, cache: string) => Promise<void>,
): Promise<void> {
  const hub = miniature(options), home = await Deno.makeTempDir();
  const names = {
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: home,
    HF_TOKEN: "secret",
    HF_HUB_CACHE: "",
    HUGGINGFACE_HUB_CACHE: "",
  };
  const before = Object.keys(names).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(names)) Deno.env.set(name, value);
  try {
    await test(hub, `${home}/hub`);
  } finally {
    for (const [name, value] of before) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    await hub.server.shutdown();
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("a model arrives in the standard cache, and is found there without asking again", async () => {
  await withHub({}, async ({ asked, files, commit }, cache) => {
    const arrived = new Map<string, number>();
    const snapshot = await fetchModel("org/clip", { onProgress: ({ file, bytes }) => arrived.set(file, bytes) });
    assertEquals([...arrived].sort(), [["config.json", 2], ["model.safetensors", 300_000], ["tokenizer.json", 7]]);
    assertEquals(await fetchModel("org/clip", { revision: commit }), snapshot);
    assertEquals(snapshot, `${cache}/models--org--clip/snapshots/${commit}`);
    for (const name of ["config.json", "tokenizer.json", "model.safetensors"]) {
      assertEquals(await Deno.readFile(`${snapshot}/${name}`), files[name]);
      assert((await Deno.readLink(`${snapshot}/${name}`)).startsWith("../../blobs/"));
    }
    assertEquals(await Deno.stat(`${snapshot}/tf_model.h5`).catch(() => undefined), undefined);
    assert(asked.every((line) => line.endsWith("Bearer secret")));
    const count = asked.length;
    assertEquals(await fetchModel("org/clip"), snapshot);
    assertEquals(asked.length, count);
  });
});

Deno.test({
  name: `Python finds in the cache what was fetched here${
    hasReference ? "" : ' (skipped: no .venv/reference; "deno task reference" makes it)'
  }`,
  ignore: !hasReference,
  fn: async () => {
    await withHub({}, async ({ files }, cache) => {
      await fetchModel("org/clip");
      const code = "import sys;from huggingface_hub import try_to_load_from_cache as f;" +
        "print(f('org/clip','model.safetensors',cache_dir=sys.argv[1]))";
      const found = await answers(python, ["-c", code, cache]);
      assertEquals(await Deno.readFile(found!), files["model.safetensors"]);
    });
  },
});

for (const ranges of [true, false]) {
  Deno.test(`a connection cut half-way is gone on from${ranges ? "" : ", even if the server knows no ranges"}`, async () => {
    await withHub({ cutFirst: true, ranges }, async ({ asked, files }, cache) => {
      await assertRejects(() => fetchModel("org/clip"), Error, "the same command goes on from there");
      const blobs = [...Deno.readDirSync(`${cache}/models--org--clip/blobs`)].map(({ name }) => name);
      assertEquals(blobs.filter((name) => name.endsWith(".incomplete")).length, 1);
      const snapshot = await fetchModel("org/clip");
      assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), files["model.safetensors"]);
      assert(asked.some((line) => line.includes("bytes=150000-")), asked.join("\n"));
    });
  });
}

Deno.test("content that is not what was announced is thrown away", async () => {
  await withHub({ lie: true }, async (_, cache) => {
    await assertRejects(() => fetchModel("org/clip"), Error, "they were thrown away, try again");
    assertEquals([...Deno.readDirSync(`${cache}/models--org--clip/blobs`)], []);
    assertEquals([...Deno.readDirSync(`${cache}/models--org--clip/refs`)], []);
  });
});

Deno.test("what the hub refuses is explained", async () => {
  await withHub({}, async () => {
    await assertRejects(() => fetchModel("org/gated"), Error, "set HF_TOKEN if you may read it");
    await assertRejects(() => fetchModel("org/none"), Error, "there is no such model, revision or file");
    await assertRejects(() => fetchModel("../../etc"), Error, 'a name looks like "openai/clip-vit-base-patch32"');
  });
  Deno.env.set("HF_ENDPOINT", "http://127.0.0.1:9");
  await assertRejects(() => fetchModel("org/never-fetched"), Error, "cannot be reached");
  Deno.env.delete("HF_ENDPOINT");
});

Deno.test("the weights are taken in the form that is read best", () => {
  const common = ["config.json", "vocab.json", "merges.txt", "pytorch_model.bin"];
  assertEquals(neededFiles("a/b", common), common);
  const sharded = [
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ];
  assertEquals(neededFiles("a/b", [...common, ...sharded]), ["config.json", "vocab.json", "merges.txt", ...sharded]);
});
