/** A hub on this machine whose large file comes slowly, and which cuts, stalls or lies if it is told to. */
import { createHash } from "node:crypto";

/** How the hub behaves. */
export type Manner = "honest" | "cut" | "stall" | "lie" | "too long";

/** The hub. */
export interface SlowHub extends AsyncDisposable {
  endpoint: string;
  /** How it behaves from now on. */
  manner: Manner;
}

const commit = "d".repeat(40), size = 400_000, parts = 16, partMs = 25;

/** Starts the hub. */
export function slowHub(): SlowHub {
  const files: Record<string, Uint8Array> = {
    "config.json": new TextEncoder().encode('{"model_type":"clip"}'),
    "tokenizer.json": new TextEncoder().encode('{"version":"1.0"}'),
    "model.safetensors": Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) % 251),
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() }, (
    request,
  ) => {
    const { pathname } = new URL(request.url), range = request.headers.get("range");
    if (pathname.startsWith("/api/")) {
      return Response.json({ sha: commit, siblings: Object.keys(files).map((rfilename) => ({ rfilename })) });
    }
    const name = pathname.split("/").at(-1)!, content = files[name];
    if (!content) return new Response("no", { status: 404 });
    const large = name.endsWith(".safetensors");
    const hash = large
      ? createHash("sha256").update(content).digest("hex")
      : createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    if (request.method === "HEAD") {
      return new Response(null, { headers: { etag: `"${hash}"`, "content-length": String(content.length) } });
    }
    const from = range ? Number(range.match(/\d+/)![0]) : 0;
    return new Response(large ? slowly(content.subarray(from), hub.manner) : new Uint8Array(content), {
      status: from > 0 ? 206 : 200,
      headers: from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {},
    });
  });
  const hub: SlowHub = {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    manner: "honest",
    // Not a shutdown, which would wait for answers that stall.
    [Symbol.asyncDispose]: () => Promise.race([server.shutdown(), pause(500)]),
  };
  return hub;
}

const pause = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms));

/** The content in parts, as far as the manner lets it come. */
function slowly(content: Uint8Array, manner: Manner): ReadableStream<Uint8Array> {
  let at = 0;
  const step = Math.ceil(size / parts);
  return new ReadableStream({
    async pull(controller) {
      await pause(partMs);
      if (at >= content.length) {
        if (manner === "too long") controller.enqueue(new Uint8Array(1000));
        return controller.close();
      }
      if (at >= content.length / 2 && manner === "cut") return controller.error(new Error("cut"));
      if (at >= content.length / 2 && manner === "stall") return await new Promise(() => {});
      const part = content.slice(at, at + step);
      if (manner === "lie") part[0] ^= 1;
      controller.enqueue(part);
      at += step;
    },
  });
}
