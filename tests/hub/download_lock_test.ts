import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { assertSentence, bytes, commit, modelFolder, pathsBelow, stalling, withHub } from "./miniature_hub.ts";

const content = bytes(300_000, 0), hash = createHash("sha256").update(content).digest("hex");

/** Starts another process that fetches the model, with the environment of this one. */
async function fetchElsewhere(folder: string): Promise<Deno.ChildProcess> {
  const script = `${folder}/fetch.ts`;
  await Deno.writeTextFile(
    script,
    `import { fetchModel } from ${JSON.stringify(new URL("../../lib/hub/fetch_model.ts", import.meta.url).href)};
    console.log(await fetchModel("org/clip"));`,
  );
  const args = ["run", "--allow-read", "--allow-write", "--allow-env", "--allow-net", "--no-check", "--no-config"];
  return new Deno.Command(Deno.execPath(), { args: [...args, script], stdout: "piped", stderr: "piped" }).spawn();
}

/** The weights, the second half of which comes after the milliseconds. */
function slowly(milliseconds: number): Response {
  return new Response(
    new ReadableStream({
      async start(controller) {
        controller.enqueue(content.subarray(0, 150_000));
        await new Promise((resume) => setTimeout(resume, milliseconds));
        controller.enqueue(content.subarray(150_000));
        controller.close();
      },
    }),
  );
}

Deno.test("fetchModel: fetches of one model at once, in one process and in two, make one download and all succeed", async () => {
  const replace = (request: Request, path: string) =>
    path.startsWith("/store/") && !request.headers.has("range") ? slowly(2000) : undefined;
  await withHub({ replace }, async ({ asked }, cache) => {
    const others = await Promise.all([1, 2].map(() => fetchElsewhere(dirname(cache))));
    const seen: number[] = [];
    const here = [1, 2].map(() => fetchModel("org/clip", { onProgress: ({ bytes }) => void seen.push(bytes) }));
    const snapshot = `${modelFolder(cache)}/snapshots/${commit}`;
    assertEquals(await Promise.all(here), [snapshot, snapshot]);
    for (const { success, stdout, stderr } of await Promise.all(others.map((other) => other.output()))) {
      assert(success, new TextDecoder().decode(stderr));
      assertEquals(new TextDecoder().decode(stdout).trim(), snapshot);
    }
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), content);
    assertEquals(asked.filter((line) => line.startsWith("GET /store/")).length, 1);
    // Who waits sees what the other has received.
    assert(seen.includes(150_000), seen.join(" "));
    assertEquals(pathsBelow(cache).filter((path) => /\.(incomplete|lock|part)$/.test(path)), []);
  });
});

Deno.test("fetchModel: a killed process leaves nothing locked, and its download is gone on from", async () => {
  const replace = (request: Request, path: string) =>
    path.startsWith("/store/") && !request.headers.has("range")
      ? new Response(stalling(content.subarray(0, 150_000)))
      : undefined;
  await withHub({ replace }, async ({ asked }, cache) => {
    const other = await fetchElsewhere(dirname(cache)), partial = `${modelFolder(cache)}/blobs/${hash}.incomplete`;
    while (await Deno.stat(partial).then(({ size }) => size < 150_000, () => true)) {
      await new Promise((resume) => setTimeout(resume, 20));
    }
    other.kill("SIGKILL");
    await other.output();
    const snapshot = await fetchModel("org/clip");
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), content);
    assert(asked.some((line) => line.includes("bytes=150000-")), asked.join("\n"));
    assertEquals(pathsBelow(cache).filter((path) => /\.(incomplete|lock)$/.test(path)), []);
  });
});

Deno.test("fetchModel: a process that holds a download and receives nothing is not waited for without end", async () => {
  await withHub({}, async (_, cache) => {
    const lock = await lockFile(`${cache}/.locks/models--org--clip/${hash}`, "Fetching");
    const error = await assertRejects(() => fetchModel("org/clip", { lockSeconds: 0.2 }), Error, "nothing for 0.2 s");
    assertSentence(error);
    assert(error.message.includes(`${hash}.lock`), error.message);
    lock.release();
    await fetchModel("org/clip");
  });
});
