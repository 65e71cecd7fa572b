/** A hub in miniature, on this machine: one model, whose weights come from a "store" behind a redirect. */
import { createHash } from "node:crypto";
import { assert } from "@std/assert";

/** The commit that every revision of the miniature means. */
export const commit = "c".repeat(40);

/** How the miniature differs from an honest hub. */
export interface MiniatureOptions {
  /** The first download of the weights ends after 150,000 bytes. */
  cutFirst?: boolean;
  /** The weights are not those whose hash is announced. */
  lie?: boolean;
  /** Whether the store knows ranges (default true). */
  ranges?: boolean;
  /** Files besides the configuration and tokenizer; by default `model.safetensors` of 300,000 bytes. */
  weights?: Record<string, Uint8Array>;
  /** Answers in the miniature's place, if it returns something. */
  replace?: (request: Request, path: string) => Response | Promise<Response> | undefined;
}

/** Bytes that depend on a seed. */
export function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed) % 251);
}

/** An answer that never begins; it ends with the request, so that the server can be stopped. */
export function silence(request: Request): Promise<Response> {
  return new Promise((resume) => request.signal.addEventListener("abort", () => resume(new Response())));
}

/** A body of one part, after which nothing comes and which does not end. */
export function stalling(part: Uint8Array | string): ReadableStream<Uint8Array> {
  const first = typeof part === "string" ? new TextEncoder().encode(part) : part;
  return new ReadableStream({ start: (controller) => controller.enqueue(first) });
}

/** The hash under which the hub knows a file. */
function hashOf(content: Uint8Array, large: boolean): string {
  return large
    ? createHash("sha256").update(content).digest("hex")
    : createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** Starts the miniature. */
export function miniature(options: MiniatureOptions = {}) {
  const files: Record<string, Uint8Array> = {
    "config.json": new TextEncoder().encode("{}"),
    "tokenizer.json": new TextEncoder().encode('{"a":1}'),
    ...options.weights ?? { "model.safetensors": bytes(300_000, 0) },
    "tf_model.h5": new Uint8Array(10),
  };
  const asked: string[] = [], headers: Headers[] = [];
  let cut = options.cutFirst ?? false;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url), range = request.headers.get("range");
    headers.push(request.headers);
    asked.push(
      `${request.method} ${pathname}${range ? ` ${range}` : ""} ${request.headers.get("authorization") ?? ""}`,
    );
    const replaced = options.replace?.(request, pathname);
    if (replaced) return replaced;
    if (/^\/api\/models\/org\/clip\/revision\/[^/]+$/.test(pathname)) {
      return Response.json({ sha: commit, siblings: Object.keys(files).map((rfilename) => ({ rfilename })) });
    }
    if (pathname === "/api/models/org/gated/revision/main") return new Response("no", { status: 401 });
    const name = decodeURIComponent(pathname).replace(/^\/store\/|^\/org\/clip\/resolve\/[^/]+\//, "");
    const content = files[name];
    if (!content) return new Response("no", { status: 404 });
    const large = name.endsWith(".safetensors"), hash = hashOf(content, large);
    if (request.method === "HEAD") {
      return new Response(null, {
        status: large ? 302 : 200,
        headers: large
          ? {
            location: `/store/${encodeURIComponent(name)}`,
            "x-linked-etag": `"${hash}"`,
            "x-linked-size": String(content.length),
          }
          : { etag: `"${hash}"`, "content-length": String(content.length) },
      });
    }
    if (large && pathname.includes("/resolve/")) {
      return Response.redirect(new URL(`/store/${encodeURIComponent(name)}`, request.url));
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
  return { server, asked, headers, files, endpoint: `http://127.0.0.1:${server.addr.port}` };
}

/** Runs with a cache of its own and the miniature as the hub. */
export async function withHub(
  options: MiniatureOptions,
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

/** The folder of the miniature's model in a cache. */
export function modelFolder(cache: string): string {
  return `${cache}/models--org--clip`;
}

/** All paths below a folder, sorted, without it. */
export function pathsBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [name, ...pathsBelow(`${folder}/${name}`).map((path) => `${name}/${path}`)] : [name]
  ).sort();
}

/** Makes sure that an error is one sentence about the fetching. */
export function assertSentence({ message }: Error): void {
  assert(/^(Fetching|Downloading|Finding|Reading) [^\n]+[.?]$/.test(message), message);
}
