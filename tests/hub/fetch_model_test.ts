import { assert, assertEquals, assertRejects } from "@std/assert";
import { neededFiles } from "../../lib/hub/cache.ts";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { answers } from "../../scripts/python.ts";
import { assertSentence, bytes, commit, miniature, modelFolder, pathsBelow, withHub } from "./miniature_hub.ts";

const python = filePath(new URL("../../.venv/reference/bin/python", import.meta.url));
const hasReference = await answers(python, ["-c", "import huggingface_hub"]) !== undefined;

Deno.test("fetchModel: a model arrives in the standard cache, and is found there without asking again", async () => {
  await withHub({}, async ({ asked, files }, cache) => {
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
  name: `fetchModel: Python finds in the cache what was fetched here${
    hasReference ? "" : ' (skipped: no .venv/reference; "deno task reference" makes it)'
  }`,
  ignore: !hasReference,
  fn: async () => {
    await withHub({}, async ({ files }, cache) => {
      await fetchModel("org/clip");
      await fetchModel("org/clip", { revision: "refs/pr/1" });
      for (const revision of ["main", "refs/pr/1"]) {
        const code = "import sys;from huggingface_hub import try_to_load_from_cache as f;" +
          "print(f('org/clip','model.safetensors',cache_dir=sys.argv[1],revision=sys.argv[2]))";
        const found = await answers(python, ["-c", code, cache, revision]);
        assertEquals(await Deno.readFile(found!), files["model.safetensors"]);
      }
    });
  },
});

for (const ranges of [true, false]) {
  const name = ranges ? "" : ", even if the server knows no ranges";
  Deno.test(`fetchModel: a connection cut half-way is gone on from${name}`, async () => {
    await withHub({ cutFirst: true, ranges }, async ({ asked, files }, cache) => {
      await assertRejects(() => fetchModel("org/clip"), Error, "the same command goes on from there");
      const blobs = [...Deno.readDirSync(`${modelFolder(cache)}/blobs`)].map(({ name }) => name);
      assertEquals(blobs.filter((name) => name.endsWith(".incomplete")).length, 1);
      const snapshot = await fetchModel("org/clip");
      assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), files["model.safetensors"]);
      assert(asked.some((line) => line.includes("bytes=150000-")), asked.join("\n"));
    });
  });
}

Deno.test("fetchModel: a file that changes on the hub between two attempts is not joined to its old part", async () => {
  await withHub({ cutFirst: true }, async ({ asked, files }, cache) => {
    await assertRejects(() => fetchModel("org/clip"), Error, "stopped after 150000 of 300000 bytes");
    const [old] = pathsBelow(`${modelFolder(cache)}/blobs`).filter((name) => name.endsWith(".incomplete"));
    files["model.safetensors"] = bytes(300_000, 1);
    const snapshot = await fetchModel("org/clip");
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), files["model.safetensors"]);
    assert(!asked.some((line) => line.includes("bytes=")), asked.join("\n"));
    // What had arrived of the old content lies under its own hash, in case it is asked for again.
    assertEquals(await Deno.readFile(`${modelFolder(cache)}/blobs/${old}`), bytes(300_000, 0).slice(0, 150_000));
  });
});

Deno.test("fetchModel: a store that goes on from another byte is refused, and the part is kept", async () => {
  let wrong = true;
  const replace = (request: Request, path: string) => {
    if (!path.startsWith("/store/") || !request.headers.has("range") || !wrong) return;
    wrong = false;
    return new Response(new Uint8Array(10), { status: 206, headers: { "content-range": "bytes 7-16/300000" } });
  };
  await withHub({ cutFirst: true, replace }, async ({ files }) => {
    await assertRejects(() => fetchModel("org/clip"), Error, "stopped after 150000 of 300000 bytes");
    const error = await assertRejects(() => fetchModel("org/clip"), Error, "the server went on from byte 7");
    assertSentence(error);
    const snapshot = await fetchModel("org/clip");
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), files["model.safetensors"]);
  });
});

Deno.test("fetchModel: content that is not what was announced is thrown away", async () => {
  await withHub({ lie: true }, async (_, cache) => {
    await assertRejects(() => fetchModel("org/clip"), Error, "they were thrown away, try again");
    assertEquals(pathsBelow(`${modelFolder(cache)}/blobs`), []);
    assertEquals(pathsBelow(`${modelFolder(cache)}/refs`), []);
  });
});

Deno.test("fetchModel: a cache that cannot be written is found out before anything is downloaded", async () => {
  await withHub({}, async (_, cache) => {
    await Deno.mkdir(modelFolder(cache), { recursive: true });
    await Deno.writeTextFile(`${modelFolder(cache)}/snapshots`, "a file in the place of a folder");
    await assertRejects(
      () => fetchModel("org/clip"),
      Error,
      `Writing into the folder ${modelFolder(cache)}/snapshots/`,
    );
    assertEquals(pathsBelow(`${modelFolder(cache)}/blobs`), []);
  });
});

Deno.test("fetchModel: what the hub refuses is explained", async () => {
  await withHub({}, async () => {
    await assertRejects(() => fetchModel("org/gated"), Error, "set HF_TOKEN if you may read it");
    await assertRejects(() => fetchModel("org/none"), Error, "there is no such model, revision or file");
    await assertRejects(() => fetchModel("../../etc"), Error, 'a name looks like "openai/clip-vit-base-patch32"');
    Deno.env.set("HF_ENDPOINT", "http://127.0.0.1:9");
    await assertRejects(() => fetchModel("org/never-fetched"), Error, "cannot be reached");
    Deno.env.set("HF_ENDPOINT", "the hub");
    await assertRejects(() => fetchModel("org/never-fetched"), Error, 'HF_ENDPOINT is "the hub", expected was an');
  });
});

Deno.test("fetchModel: the token is not sent to another host after a redirect", async () => {
  const store = miniature();
  const replace = (request: Request, path: string) =>
    request.method === "GET" && path.endsWith("/model.safetensors")
      ? Response.redirect(`${store.endpoint}/store/model.safetensors`)
      : undefined;
  await withHub({ replace }, async ({ asked, files }) => {
    const snapshot = await fetchModel("org/clip");
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), files["model.safetensors"]);
    assert(asked.every((line) => line.endsWith(" Bearer secret")), asked.join("\n"));
    assertEquals(store.asked, ["GET /store/model.safetensors "]);
  });
  await store.server.shutdown();
});

Deno.test("fetchModel: a question about a file is not sent on to another host", async () => {
  const other = miniature();
  const replace = ({ method }: Request, path: string) =>
    method === "HEAD" && path.endsWith("/config.json")
      ? new Response(null, { status: 307, headers: { location: `${other.endpoint}${path}` } })
      : undefined;
  await withHub({ replace }, async () => {
    await assertRejects(() => fetchModel("org/clip"), Error, 'announces the hash "" and the size ""');
    assertEquals(other.asked, []);
  });
  await other.server.shutdown();
});

for (const revision of ["refs/pr/1", "v1.0/x", "v1.0#x?y%20z"]) {
  Deno.test(`fetchModel: the revision ${revision} is fetched, and found again without asking`, async () => {
    await withHub({}, async ({ asked }, cache) => {
      const snapshot = await fetchModel("org/clip", { revision });
      assertEquals(snapshot, `${modelFolder(cache)}/snapshots/${commit}`);
      assertEquals(asked[0], `GET /api/models/org/clip/revision/${encodeURIComponent(revision)} Bearer secret`);
      assertEquals(await Deno.readTextFile(`${modelFolder(cache)}/refs/${revision}`), commit);
      const count = asked.length;
      assertEquals(await fetchModel("org/clip", { revision }), snapshot);
      assertEquals(asked.length, count);
    });
  });
}

Deno.test("fetchModel: a revision that leaves the folder of the references is refused before anything is asked", async () => {
  await withHub({}, async ({ asked }) => {
    for (const revision of ["", "..", "../../x", "/etc/passwd", "a//b", "a\\b", "a\nb"]) {
      await assertRejects(() => fetchModel("org/clip", { revision }), Error, "one looks like ");
    }
    assertEquals(asked, []);
  });
});

Deno.test("neededFiles: the weights are taken in the form that is read best", () => {
  const common = ["config.json", "vocab.json", "merges.txt", "pytorch_model.bin"];
  assertEquals(neededFiles("a/b", common), common);
  const index = "model.safetensors.index.json", sharded = [index, "model-00001-of-00001.safetensors"];
  assertEquals(neededFiles("a/b", [...common, ...sharded]), ["config.json", "vocab.json", "merges.txt", index]);
});

Deno.test("fetchModel: the preprocessing comes before the weights, and a snapshot without it is fetched on", async () => {
  const json = new TextEncoder().encode('{"size":32}');
  const weights = { "model.safetensors": bytes(300_000, 0), "preprocessor_config.json": json };
  await withHub({ weights, cutFirst: true }, async ({ asked }, cache) => {
    await assertRejects(() => fetchModel("org/clip"), Error, "the same command goes on from there");
    const file = `${modelFolder(cache)}/snapshots/${commit}/preprocessor_config.json`;
    assertEquals(await Deno.readFile(file), json);
    await fetchModel("org/clip");
    await Deno.remove(file);
    await fetchModel("org/clip");
    assertEquals(await Deno.readFile(file), json);
    const count = asked.length;
    await fetchModel("org/clip");
    assertEquals(asked.length, count);
    assert(!pathsBelow(modelFolder(cache)).some((path) => path.startsWith(".no_exist")));
  });
});

Deno.test("fetchModel: that a model has no preprocessing is recorded as Python does, and asked for once", async () => {
  await withHub({}, async ({ asked }, cache) => {
    const snapshot = await fetchModel("org/clip"), record = `${modelFolder(cache)}/.no_exist/${commit}`;
    assertEquals(await Deno.readFile(`${record}/preprocessor_config.json`), new Uint8Array());
    await Deno.remove(`${modelFolder(cache)}/.no_exist`, { recursive: true });
    const count = asked.length;
    assertEquals(await fetchModel("org/clip"), snapshot);
    assertEquals(asked.length, count + 1, "the list of files alone is asked for");
    assertEquals(await fetchModel("org/clip"), snapshot);
    assertEquals(asked.length, count + 1);
  });
});
