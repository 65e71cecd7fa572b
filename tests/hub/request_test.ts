import { assert, assertEquals, assertRejects } from "@std/assert";
import { fetchModel } from "../../lib/hub/fetch_model.ts";
import { maxLimitSeconds } from "../../lib/hub/request.ts";
import { assertSentence, bytes, modelFolder, pathsBelow, silence, stalling, withHub } from "./miniature_hub.ts";

const isListing = (_: Request, path: string) => path.startsWith("/api/");
const isHead = ({ method }: Request) => method === "HEAD";
const isWeights = ({ method }: Request, path: string) => method === "GET" && path.startsWith("/store/");

for (const [name, is] of Object.entries({ isListing, isHead, isWeights })) {
  Deno.test(`fetchModel: a hub that does not answer is not waited for without end (${name})`, async () => {
    const replace = (request: Request, path: string) => is(request, path) ? silence(request) : undefined;
    await withHub({ replace }, async () => {
      const error = await assertRejects(
        () => fetchModel("org/clip", { connectSeconds: 0.3 }),
        Error,
        "no answer came within 0.3 s",
      );
      assertSentence(error);
    });
  });
}

Deno.test("fetchModel: a list of files that stalls is not waited for without end", async () => {
  const replace = (request: Request, path: string) =>
    isListing(request, path) ? new Response(stalling('{"sha":')) : undefined;
  await withHub({ replace }, async () => {
    const error = await assertRejects(
      () => fetchModel("org/clip", { stallSeconds: 0.3 }),
      Error,
      "stopped: fewer than 1024 bytes came within 0.3 s",
    );
    assertSentence(error);
  });
});

Deno.test("fetchModel: weights that stall are given up, and gone on from in the next call", async () => {
  const content = bytes(300_000, 0);
  const replace = (request: Request, path: string) =>
    isWeights(request, path) && !request.headers.has("range")
      ? new Response(stalling(content.subarray(0, 150_000)))
      : undefined;
  await withHub({ replace }, async ({ asked }) => {
    const error = await assertRejects(
      () => fetchModel("org/clip", { stallSeconds: 0.3 }),
      Error,
      "stopped after 150000 of 300000 bytes: fewer than 1024 bytes came within 0.3 s; the same command goes on",
    );
    assertSentence(error);
    const snapshot = await fetchModel("org/clip", { stallSeconds: 0.3 });
    assertEquals(await Deno.readFile(`${snapshot}/model.safetensors`), content);
    assert(asked.some((line) => line.includes("bytes=150000-")), asked.join("\n"));
  });
});

Deno.test("fetchModel: a byte now and then is a stall, a slow steady download is none", async () => {
  const drip = (content: Uint8Array, each: number) => {
    let at = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resume) => setTimeout(resume, 50));
          controller.enqueue(content.subarray(at, at += each));
          if (at >= content.length) controller.close();
        },
      }),
    );
  };
  for (const each of [10, 15_000]) {
    const replace = (request: Request, path: string) =>
      isWeights(request, path) ? drip(bytes(300_000, 0), each) : undefined;
    await withHub({ replace }, async ({ files }) => {
      const start = performance.now();
      const fetching = fetchModel("org/clip", { stallSeconds: 0.5 });
      if (each === 10) {
        await assertRejects(() => fetching, Error, "fewer than 1024 bytes came within 0.5 s");
      } else {
        assertEquals(await Deno.readFile(`${await fetching}/model.safetensors`), files["model.safetensors"]);
        assert(performance.now() - start > 900, "it was meant to take longer than the limit");
      }
    });
  }
});

Deno.test("fetchModel: a time limit out of range is refused before anything is asked", async () => {
  await withHub({}, async ({ asked }) => {
    for (const name of ["connectSeconds", "stallSeconds", "lockSeconds"]) {
      for (const seconds of [0, -1, NaN, Infinity, maxLimitSeconds + 1]) {
        await assertRejects(
          () => fetchModel("org/clip", { [name]: seconds }),
          Error,
          `${name} is ${seconds}, expected`,
        );
      }
    }
    assertEquals(asked, []);
  });
});

Deno.test("fetchModel: compressed answers are not asked for", async () => {
  await withHub({}, async ({ headers }) => {
    await fetchModel("org/clip");
    assert(headers.length > 3);
    assertEquals(new Set(headers.map((one) => one.get("accept-encoding"))), new Set(["identity"]));
  });
});

Deno.test("fetchModel: a body longer than announced is stopped at once, and nothing of it stays", async () => {
  let sent = 0;
  const replace = (request: Request, path: string) => {
    if (!isWeights(request, path)) return;
    const part = new Uint8Array(65_536);
    return new Response(
      new ReadableStream({
        pull(controller) {
          sent += part.length;
          controller.enqueue(part);
          if (sent > 200e6) controller.close();
        },
      }),
    );
  };
  await withHub({ replace }, async (_, cache) => {
    let most = 0;
    const error = await assertRejects(
      () => fetchModel("org/clip", { onProgress: ({ bytes }) => most = Math.max(most, bytes) }),
      Error,
      "more than the 300000 bytes that were announced arrived; they were thrown away",
    );
    assertSentence(error);
    assert(most <= 300_000, String(most));
    assert(sent < 50e6, `${sent} bytes were sent`);
    assertEquals(pathsBelow(`${modelFolder(cache)}/blobs`).filter((name) => name.endsWith(".incomplete")), []);
    assertEquals(pathsBelow(`${modelFolder(cache)}/refs`), []);
  });
});
