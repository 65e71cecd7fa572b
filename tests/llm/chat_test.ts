import { assert, assertEquals, assertRejects } from "@std/assert";
import { chat, maxReplyBytes, maxTotalWaitSeconds, maxWaitSeconds } from "../../lib/llm/chat.ts";

/** Runs with an endpoint on this machine. */
async function withEndpoint(
  answer: (count: number) => Response,
  test: (endpoint: { url: string; model: string }) => Promise<void>,
): Promise<void> {
  let count = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await request.text();
    return answer(++count);
  });
  try {
    await test({ url: `http://127.0.0.1:${server.addr.port}/v1`, model: "small" });
  } finally {
    await server.shutdown();
  }
}

/** Runs with timers that end at once; returns the seconds that were to be waited. */
async function withoutWaiting(run: () => Promise<void>): Promise<number[]> {
  const real = globalThis.setTimeout, waits: number[] = [];
  globalThis.setTimeout = ((resume: () => void, milliseconds: number) => {
    waits.push(milliseconds / 1000);
    return real(resume, 0);
  }) as typeof setTimeout;
  try {
    await run();
  } finally {
    globalThis.setTimeout = real;
  }
  return waits;
}

const completion = (content: string) => JSON.stringify({ choices: [{ message: { content } }] });
const busy = (after: string) => new Response("busy", { status: 429, headers: { "retry-after": after } });

Deno.test("chat: a Retry-After is kept up to the bound, which the message names", async () => {
  for (
    const [after, seconds] of [["2", 2], ["86400", maxWaitSeconds], ["99999999", maxWaitSeconds], ["1e9", 1], ["-5", 1]]
  ) {
    await withEndpoint(
      (count) => count === 1 ? busy(String(after)) : new Response(completion("yes")),
      async (endpoint) => {
        const reasons: [string, number][] = [];
        const waits = await withoutWaiting(async () => {
          const onRetry = (reason: string, wait: number) => void reasons.push([reason, wait]);
          assertEquals((await chat(endpoint, "?", { onRetry })).text, "yes");
        });
        assertEquals(waits, [seconds as number]);
        const capped = seconds === maxWaitSeconds
          ? ` (${after} s were to be waited, ${maxWaitSeconds} s are the most)`
          : "";
        assertEquals(reasons, [[`it said 429 busy${capped}`, seconds as number]]);
      },
    );
  }
});

Deno.test("chat: the waits of one prompt are bounded together", async () => {
  await withEndpoint(() => busy("100"), async (endpoint) => {
    const waits = await withoutWaiting(async () => {
      await assertRejects(
        () => chat(endpoint, "?", { retries: 1000 }),
        Error,
        `failed 7 times: it said 429 busy; 600 s were waited, and ${maxTotalWaitSeconds} s are the most; try again later.`,
      );
    });
    assertEquals(waits, Array(6).fill(100));
  });
  await withEndpoint(() => new Response("down", { status: 500 }), async (endpoint) => {
    const waits = await withoutWaiting(async () => {
      await assertRejects(() => chat(endpoint, "?", { retries: 1000 }), Error, "s are the most; try again later.");
    });
    assert(waits.reduce((sum, wait) => sum + wait) <= maxTotalWaitSeconds, waits.join(" "));
    assert(Math.max(...waits) <= maxWaitSeconds, waits.join(" "));
  });
});

Deno.test("chat: a reply of the greatest size is read", async () => {
  const text = "x".repeat(maxReplyBytes - completion("").length);
  await withEndpoint(() => new Response(completion(text)), async (endpoint) => {
    assertEquals((await chat(endpoint, "?")).text.length, text.length);
  });
});

for (const status of [200, 400]) {
  Deno.test(`chat: a reply without end is read no further than its bound (status ${status})`, async () => {
    let sent = 0, asked = 0;
    const endless = () => {
      asked++;
      const part = new Uint8Array(65_536).fill(32);
      return new Response(
        new ReadableStream({
          pull(controller) {
            sent += part.length;
            controller.enqueue(part);
            if (sent > 200e6) controller.close();
          },
        }),
        { status },
      );
    };
    await withEndpoint(endless, async (endpoint) => {
      await assertRejects(
        () => chat(endpoint, "?", { wait: 0 }),
        Error,
        `for "small" failed: its answer is longer than ${maxReplyBytes} bytes.`,
      );
    });
    assertEquals(asked, 1);
    assert(sent < 50e6, `${sent} bytes were sent`);
  });
}

Deno.test("chat: a compressed reply counts by what it holds", async () => {
  const zeros = new Blob([new Uint8Array(64 * 2 ** 20)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bomb = await new Response(zeros).bytes();
  assert(bomb.length < 100_000, String(bomb.length));
  let asked = 0;
  const answer = () => {
    asked++;
    return new Response(bomb, { headers: { "content-encoding": "gzip", "content-type": "application/json" } });
  };
  await withEndpoint(answer, async (endpoint) => {
    await assertRejects(() => chat(endpoint, "?", { wait: 0 }), Error, `longer than ${maxReplyBytes} bytes.`);
  });
  assertEquals(asked, 1);
});

Deno.test("chat: a malformed address is refused at once", async () => {
  for (const url of ["localhost:9/v1", "", "http://", "ftp://127.0.0.1/v1"]) {
    const onRetry = () => assert(false, "it was asked again");
    await assertRejects(
      () => chat({ url, model: "small" }, "?", { wait: 0, onRetry }),
      Error,
      `Asking ${url} for "small" failed: it is no address; one looks like "http://localhost:11434/v1".`,
    );
  }
});

/** An address at which nobody listens; ports such as 9 are refused before a connection is tried. */
const unreachable = "http://127.0.0.1:49151/v1";

Deno.test("chat: an endpoint that cannot be reached is an error with its cause", async () => {
  const error = await assertRejects(
    () => chat({ url: unreachable, model: "small" }, "?", { retries: 1, wait: 0 }),
    Error,
    "failed 2 times: it cannot be reached, or broke off.",
  );
  assert(error.cause instanceof TypeError);
});

Deno.test({
  name: "chat: a connection that is not permitted is not tried again",
  permissions: { net: false },
  fn: async () => {
    const onRetry = () => assert(false, "it was asked again");
    const error = await assertRejects(
      () => chat({ url: unreachable, model: "small" }, "?", { wait: 0, onRetry }),
      Error,
      "failed: it is not permitted (Requires net access",
    );
    assert(error.cause instanceof Deno.errors.NotCapable);
  },
});

Deno.test("chat: a seed is sent where one is given, and only there", async () => {
  const bodies: Record<string, unknown>[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    bodies.push(await request.json());
    return new Response(completion("yes"));
  });
  const endpoint = { url: `http://127.0.0.1:${server.addr.port}/v1`, model: "small" };
  await chat(endpoint, "?", { seed: 5 });
  await chat(endpoint, "?");
  assertEquals(bodies.map((body) => "seed" in body ? body.seed : "none"), [5, "none"]);
  await server.shutdown();
});
