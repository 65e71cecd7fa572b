/** The campaign against the page in short, in this process. */
import { assert, assertEquals } from "@std/assert";
import { pageApp } from "../../lib/serve/app.ts";
import { crowd } from "../../scripts/hostile/crowd.ts";
import { sendHostile } from "../../scripts/hostile/campaign.ts";
import { madeServed } from "../serve/made_collection.ts";

const image = await Deno.readFile(new URL("../goldens/images/photo_420.jpg", import.meta.url));

/** Serves a made collection on a port of this machine. */
async function serve(broken?: (request: Request) => Response | undefined) {
  const errors: unknown[] = [], app = await pageApp({ served: madeServed(), onError: (error) => errors.push(error) });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => broken?.(request) ?? await app.answer(request),
  );
  const { port } = server.addr;
  return { port, host: `127.0.0.1:${port}`, errors, close: () => server.shutdown() };
}

Deno.test("hostile: three hundred requests read no file, break nothing, and leave the memory as it is", async () => {
  const { port, host, errors, close } = await serve(), secret = "a secret of this test";
  const file = await Deno.makeTempFile({ suffix: ".jpg" });
  await Deno.writeTextFile(file, secret);
  const report = await sendHostile({
    ...{ port, host, key: "0123abcd", outside: [file], image, requests: 300, seed: 7, patience: 0.3 },
    secrets: [secret, "root:x:0:0"],
    memory: () => Deno.memoryUsage().rss,
  });
  assertEquals([report.findings, errors], [[], []]);
  assert(report.grown < 64 * 2 ** 20, `${report.grown} bytes`);
  for (const status of [400, 403, 404, 405, 413, 415, 422]) assert(report.statuses[status] > 0, String(status));
  await close();
  await Deno.remove(file);
});

Deno.test("hostile: a server that gives files away, breaks or names its paths is found", async () => {
  const { port, host, close } = await serve(({ url, method }) => {
    const { pathname } = new URL(url);
    if (pathname.startsWith("/uploads/")) return new Response("root:x:0:0:root");
    if (pathname.startsWith("/images/x")) return new Response("at /home/someone/lib", { status: 404 });
    if (method === "DELETE") return new Response("", { status: 500 });
  });
  const options = {
    port,
    host,
    key: "0123abcd",
    outside: ["/etc/passwd"],
    image,
    requests: 150,
    seed: 7,
    patience: 0.3,
  };
  const { findings } = await sendHostile({ ...options, secrets: ["root:x:0:0"], memory: () => 0 });
  const kinds = new Set(findings.map((finding) => finding.replace(/^.*\): /, "").replace(/ \(.*/, "")));
  for (const what of ["the answer holds a file from outside", "the answer names a path of the machine"]) {
    assert(kinds.has(what), what);
  }
  assert(findings.some((finding) => finding.includes("500 Internal")));
  await close();
});

Deno.test("crowd: people at once are all answered, and who is turned away is counted", async () => {
  const { host, close } = await serve();
  const report = await crowd({ address: `http://${host}`, people: 50, seconds: 0.5, looks: 2 });
  assertEquals(report.errors, {});
  assert(report.searches >= 50 && report.images === 2 * report.searches);
  await close();
  let turn = 0;
  const full = await serve(({ method }) =>
    method === "POST" && turn++ % 2 === 0 ? new Response('{"error":"busy"}', { status: 503 }) : undefined
  );
  const { errors } = await crowd({ address: `http://${full.host}`, people: 4, seconds: 0.2, looks: 0 });
  assert(errors["search 503"] > 0);
  await full.close();
});
