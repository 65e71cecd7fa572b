import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { pageApp } from "../../lib/serve/app.ts";
import type { PageQuery, Served } from "../../lib/serve/collection.ts";
import { pageLimits } from "../../lib/serve/page_limits.ts";
import { madeCollection, madeServed } from "./made_collection.ts";

const origin = "http://127.0.0.1:8000";
const jpeg = await Deno.readFile(new URL("../goldens/images/photo_420.jpg", import.meta.url));

/** Sends requests to an app as a browser does. */
async function client(served: Served = madeServed(), options: { names?: string[] } = {}) {
  const errors: unknown[] = [];
  const app = await pageApp({ served, onError: (error) => errors.push(error), ...options });
  const send = (path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}) =>
    app.answer(new Request(`${origin}${path}`, { ...init, headers: { host: "127.0.0.1:8000", ...headers } }));
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    send(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", origin, ...headers },
    });
  return { app, send, post, errors };
}

async function refused(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).error];
}

Deno.test("pageApp: the page and its files load nothing from elsewhere and run nothing inline", async () => {
  const { send } = await client();
  const page = await send("/"), html = await page.text();
  assertEquals(page.status, 200);
  const policy = page.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'");
  assert(!policy.includes("unsafe") && !policy.includes("data:") && !policy.includes("*"));
  const linked = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path);
  const queue = [...linked], seen = new Set<string>();
  while (queue.length > 0) {
    const path = queue.pop()!;
    if (seen.has(path)) continue;
    seen.add(path);
    const file = await send(path), text = await file.text();
    assertEquals([path, file.status, file.headers.get("x-content-type-options")], [path, 200, "nosniff"]);
    queue.push(...[...text.matchAll(/from "\.(\/[^"]+)"/g)].map(([, inside]) => inside));
    assertEquals([...text.matchAll(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)].length, 0, path);
  }
  assertEquals(seen.size, 12); // all files of the page but itself
  assert(!/<style|style="|<script>|\son\w+="/.test(html));
});

Deno.test("pageApp: every answer has the headers that keep other sites out, faults too", async () => {
  const { send, post } = await client();
  const answers = [
    await send("/"),
    await send("/nothing"),
    await send("/images/0123abcd/0"),
    await post("/api/search", { image: 0, text: "is green" }),
    await send("/", { headers: { host: "example.org" } }),
    await send("/", { method: "DELETE" }),
  ];
  assertEquals(answers.map(({ status }) => status), [200, 404, 200, 200, 403, 405]);
  for (const { headers } of answers) {
    assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("x-frame-options"), "DENY");
    assert(headers.has("content-security-policy"));
    assertEquals(headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("checkRequest: a host that a site could choose is refused, numbers and localhost are answered", async () => {
  const { send } = await client(undefined, { names: ["Desk.local"] });
  const status = async (host: string) => (await send("/", { headers: { host } })).status;
  for (const host of ["127.0.0.1:8000", "localhost:9", "[::1]:8000", "192.168.1.7", "desk.local:8000", "DESK.local"]) {
    assertEquals([host, await status(host)], [host, 200]);
  }
  for (
    const host of [
      "example.org",
      "127.0.0.1.example.org",
      "localhost.example.org:8000",
      "a@127.0.0.1",
      "",
      "desk",
      "1 2",
    ]
  ) {
    assertEquals([host, await status(host)], [host, 403]);
  }
});

Deno.test("checkRequest: what a browser says comes from another page or site is refused", async () => {
  const { send, post } = await client(), query = { image: 0, text: "is green" };
  for (const foreign of ["https://example.org", "null", "http://127.0.0.1:9000", "http://localhost:8000"]) {
    assertEquals(await refused(await post("/api/search", query, { origin: foreign })), [
      403,
      "Requests of other pages are not answered.",
    ]);
  }
  const from = (site: string, path: string, mode: string) =>
    send(path, { headers: { "sec-fetch-site": site, "sec-fetch-mode": mode } });
  assertEquals((await from("cross-site", "/images/0123abcd/0", "no-cors")).status, 403);
  assertEquals((await from("same-site", "/api/state", "cors")).status, 403);
  assertEquals((await from("cross-site", "/api/state", "navigate")).status, 403);
  assertEquals((await from("cross-site", "/?step=0:x", "navigate")).status, 200);
  assertEquals((await from("same-origin", "/api/state", "cors")).status, 200);
  assertEquals((await from("none", "/api/state", "navigate")).status, 200);
});

Deno.test("pageApp: known routes answer one method, all else is refused", async () => {
  const { send } = await client();
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND"]) {
    assertEquals([method, (await send("/api/state", { method })).status], [method, 405]);
  }
  for (const path of ["/", "/page.js", "/api/state", "/api/images", "/images/0123abcd/0", "/uploads/x"]) {
    assertEquals([path, (await send(path, { method: "POST", body: "x" })).status], [path, 405]);
  }
  for (const path of ["/api/search", "/api/uploads", "/api/addresses"]) {
    assertEquals([path, (await send(path)).status], [path, 405]);
  }
  for (const path of ["/index.html", "/api", "/images", "/page.js/x", "/favicon.ico", `/${"a".repeat(1900)}`]) {
    assertEquals([path, (await send(path)).status], [path, 404]);
  }
  assertEquals((await send(`/?${"a".repeat(3000)}`)).status, 414);
});

Deno.test("pageApp: images are named by number, and nothing else reaches them", async () => {
  const { send } = await client();
  const image = await send("/images/0123abcd/5");
  assertEquals([image.status, image.headers.get("content-type")], [200, "image/svg+xml"]);
  assertStringIncludes(await image.text(), 'fill="blue"');
  const rows = ["6", "-1", "01", "1e0", "0x1", " 1", "1.0", "..%2f..%2fetc%2fpasswd", "%00", "999999999999"];
  for (const row of rows) {
    assertEquals([row, (await send(`/images/0123abcd/${row}`)).status], [row, 404]);
  }
  assertEquals((await send("/images/other/0")).status, 404);
  const listed = await (await send("/api/images?from=4")).json();
  assertEquals(listed.images.length, 6);
  assertEquals(new Set(listed.images.map(({ row }: { row: number }) => row)).size, 6);
  assertEquals((await send("/api/images?from=six")).status, 404);
});

Deno.test("pageApp: an image that cannot be read any more is one sentence without its path", async () => {
  const collection = { ...madeCollection(), image: () => Promise.reject(new Error("the file has changed")) };
  const { send, errors } = await client(madeServed(collection));
  assertEquals(await refused(await send("/images/0123abcd/0")), [
    404,
    "The image cannot be shown: the file has changed",
  ]);
  assertEquals(errors, []);
});

Deno.test("pageApp: a search says which way was taken, and the results of both encoders with their names", async () => {
  const asked: PageQuery[] = [], { post } = await client(madeServed(madeCollection(asked)));
  const answer = await (await post("/api/search", { image: 0, text: " is green ", top: 2 })).json();
  assertEquals(answer.method, "composed");
  assertEquals(answer.frozen, [{ row: 3, label: "red square", score: 0.9 }, {
    row: 4,
    label: "green square",
    score: 0.8,
  }]);
  assertEquals(answer.fineTuned[0], { row: 1, label: "green circle", score: 0.9 });
  assertEquals(asked, [{ image: 0, text: "is green", method: "composed", weight: 0.5, top: 2 }]);
  assertEquals((await (await post("/api/search", { image: 0 })).json()).method, "image");
  assertEquals((await (await post("/api/search", { text: "green", method: "sum" })).json()).method, "text");
});

Deno.test("readSearchRequest: what is missing or odd is named", async () => {
  const { post } = await client();
  const cases: [unknown, number, string][] = [
    [{}, 422, "Choose an image, type a text, or both."],
    [{ text: "  " }, 422, "Choose an image, type a text, or both."],
    [{ image: 6 }, 400, "image is neither a whole number from 0 to 5 nor the token"],
    [{ image: 0.5 }, 400, "image is neither"],
    [{ image: ["0"] }, 400, "image is neither"],
    [{ image: "../../etc/passwd" }, 404, "Your image is not kept any more; hand it over again."],
    [{ text: 7 }, 400, "text is not a string of at most 500 letters"],
    [{ text: "a".repeat(501) }, 400, "text is not a string of at most 500 letters"],
    [{ text: "x", method: "magic" }, 400, "method is not one of composed, sum, product, image, text"],
    [{ text: "x", weight: 1.5 }, 400, "weight is not a number from 0 to 1"],
    [{ text: "x", top: 0 }, 400, "top is not a whole number from 1 to 48"],
    [{ text: "x", path: "/etc/passwd" }, 400, 'field "path" is unknown'],
    [[], 400, "The request is not a JSON object."],
    ["text", 400, "The request is not a JSON object."],
  ];
  for (const [body, status, words] of cases) {
    const [found, error] = await refused(await post("/api/search", body));
    assertEquals([body, found], [body, status]);
    assertStringIncludes(error, words);
  }
});

Deno.test("pageApp: a request that is called something else, is too long, too slow or broken off is refused", async () => {
  const { send, post } = await client();
  const type = (value: string) => ({ method: "POST", body: "{}", headers: { "content-type": value, origin } });
  assertEquals((await send("/api/search", type("text/plain"))).status, 415);
  assertEquals((await send("/api/search", type("application/x-www-form-urlencoded"))).status, 415);
  assertEquals((await send("/api/uploads", type("multipart/form-data; boundary=x"))).status, 415);
  assertEquals(
    (await send("/api/search", { method: "POST", headers: { "content-type": "application/json" } })).status,
    400,
  );
  assertEquals((await post("/api/search", { text: "a".repeat(pageLimits.jsonBytes) })).status, 413);
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(8)),
    pull: () => Promise.reject(new Error("connection reset")),
  });
  const answer = await send("/api/uploads", { method: "POST", body: broken, headers: { "content-type": "image/png" } });
  assertEquals(await refused(answer), [400, "The request broke off; send it again."]);
});

Deno.test("pageApp: an image that is handed over is kept under a token, and searched with", async () => {
  const asked: PageQuery[] = [], { send, post } = await client(madeServed(madeCollection(asked)));
  const upload = (body: Uint8Array) =>
    send("/api/uploads", { method: "POST", body: body.slice(), headers: { "content-type": "image/jpeg", origin } });
  const { token } = await (await upload(jpeg)).json();
  const shown = await send(`/uploads/${token}`), bytes = new Uint8Array(await shown.arrayBuffer());
  assertEquals([shown.headers.get("content-type"), bytes[0], bytes[1]], ["image/jpeg", 0xff, 0xd8]);
  assertEquals((await post("/api/search", { image: token, text: "is green" })).status, 200);
  assertEquals(asked[0].image, Float32Array.of(1, 2));
  const [status, error] = await refused(await upload(new TextEncoder().encode("nothing at all")));
  assertEquals(status, 422);
  assertStringIncludes(error, "Decoding the image failed");
  const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  assertStringIncludes((await refused(await upload(svg)))[1], "it is SVG; convert it to JPEG, PNG or WebP.");
  assertEquals((await upload(new Uint8Array(pageLimits.uploadBytes + 1))).status, 413);
  assertEquals((await send("/uploads/none")).status, 404);
});

Deno.test("uploadStore: of too many images the one used longest ago is forgotten", async () => {
  const { send } = await client();
  const upload = async () =>
    (await (await send("/api/uploads", {
      method: "POST",
      body: jpeg.slice(),
      headers: { "content-type": "image/jpeg", origin },
    })).json()).token;
  const first = await upload(), second = await upload();
  for (let i = 2; i < pageLimits.uploads; i++) await upload();
  assertEquals((await send(`/uploads/${first}`)).status, 200); // used now, so the second is the oldest
  await upload();
  assertEquals([(await send(`/uploads/${first}`)).status, (await send(`/uploads/${second}`)).status], [200, 404]);
});

Deno.test("pageApp: addresses are refused unless a way to fetch them is given, and then only what was typed", async () => {
  const { post } = await client();
  assertEquals((await post("/api/addresses", { address: "http://example.org/a.png" })).status, 403);
  const fetched: string[] = [];
  const app = await pageApp({
    served: madeServed(),
    fetchImage: (address) => {
      fetched.push(address);
      return address.endsWith("jpg") ? Promise.resolve(jpeg) : Promise.reject(new Error("there is nothing"));
    },
  });
  const ask = (body: unknown) =>
    app.answer(
      new Request(`${origin}/api/addresses`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { host: "127.0.0.1:8000", "content-type": "application/json", origin },
      }),
    );
  assert((await (await ask({ address: "https://example.org/a.jpg" })).json()).token);
  assertEquals(await refused(await ask({ address: "https://example.org/b" })), [502, "there is nothing"]);
  assertEquals((await ask({ url: "https://example.org/c.jpg" })).status, 400);
  assertEquals(fetched, ["https://example.org/a.jpg", "https://example.org/b"]);
});

Deno.test("workQueue: beyond its bound requests are told to come back, and what was left waiting is not done", async () => {
  const gate = Promise.withResolvers<void>(), asked: PageQuery[] = [];
  const collection = madeCollection(asked), inner = collection.search;
  collection.search = async (query) => {
    await gate.promise;
    return await inner(query);
  };
  const { app, post } = await client(madeServed(collection));
  const given = new AbortController();
  const leaving = app.answer(
    new Request(`${origin}/api/search`, {
      method: "POST",
      body: JSON.stringify({ image: 1, text: "left" }),
      headers: { host: "127.0.0.1:8000", "content-type": "application/json" },
      signal: given.signal,
    }),
  );
  const many = Array.from(
    { length: pageLimits.searchesWaiting + 10 },
    (_, i) => post("/api/search", { image: 0, text: `${i}` }),
  );
  await new Promise((go) => setTimeout(go, 100));
  given.abort();
  assert(!app.idle());
  gate.resolve();
  const answers = await Promise.all(many);
  await leaving;
  const statuses = Map.groupBy(answers, ({ status }) => status);
  assertEquals([statuses.get(200)!.length, statuses.get(503)!.length], [pageLimits.searchesWaiting, 10]);
  assertEquals(statuses.get(503)![0].headers.get("retry-after"), "2");
  assert(app.idle());
  assertEquals((await post("/api/search", { image: 0, text: "again" })).status, 200);
});

Deno.test("pageApp: while the collection is made its state is told, and the rest says to come back", async () => {
  const served: Served = { fineTuned: "in training", device: "x", stage: { title: "Drawing", done: 1, total: 2 } };
  const { send, post } = await client(served);
  const state = await (await send("/api/state")).json();
  assertEquals([state.stage, state.collection, state.fineTuned], [served.stage, undefined, "in training"]);
  assertEquals((await post("/api/search", { text: "x" })).status, 503);
  served.fault = "There is no folder x.";
  assertEquals(await refused(await send("/api/images")), [503, "There is no folder x."]);
});

Deno.test("pageApp: an unexpected fault is told to the terminal, not to the page", async () => {
  const collection = { ...madeCollection(), search: () => Promise.reject(new Error("secret /home/x")) };
  const { post, errors } = await client(madeServed(collection));
  const [status, error] = await refused(await post("/api/search", { text: "x" }));
  assertEquals([status, error], [500, "Something went wrong on the server; its terminal says what."]);
  assertEquals((errors[0] as Error).message, "secret /home/x");
});
