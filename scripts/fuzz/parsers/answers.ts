/** Parsers of answers from the network, which are given in its place: nothing is sent. */
import { neededFiles } from "../../../lib/hub/cache.ts";
import { announced, listFiles } from "../../../lib/hub/hub_client.ts";
import { readShardIndex } from "../../../lib/hub/shards.ts";
import { chat } from "../../../lib/llm/chat.ts";
import { Contradiction, jsonSample, type MakeParser } from "../parser.ts";

const hub = { model: "org/clip", endpoint: "https://hub.invalid", headers: {}, limits: {} };

/** Runs `work` while every request is answered by `response`. */
async function answering<T>(response: () => Response, work: () => Promise<T>): Promise<T> {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.resolve(response());
  try {
    return await work();
  } finally {
    globalThis.fetch = fetch;
  }
}

/** The hub's list of a model's files. */
export const hubListing: MakeParser = () => ({
  samples: [
    jsonSample("listing", {
      sha: "0123456789abcdef0123456789abcdef01234567",
      siblings: ["config.json", "tokenizer.json", "model.safetensors", "sub/x.bin"].map((rfilename) => ({ rfilename })),
    }),
  ],
  names: [hub.model],
  async read(bytes) {
    const { files } = await answering(() => new Response(bytes as BufferSource), () => listFiles(hub, "main"));
    if (files.some((file) => file.startsWith("/") || file.split("/").includes(".."))) {
      throw new Contradiction("a file leaves the cache", files);
    }
    neededFiles(hub.model, files);
  },
});

/** The hub's answer to the question for a file's size and hash. */
export const hubFile: MakeParser = () => ({
  samples: [
    jsonSample("head", { status: 200, headers: { etag: `"${"a".repeat(40)}"`, "content-length": "12" } }),
    jsonSample("head", {
      status: 302,
      headers: { "x-linked-etag": "b".repeat(64), "x-linked-size": "5", location: "https://store.invalid/x" },
    }),
    jsonSample("head", { status: 307, headers: { location: "/org/clip/elsewhere" } }),
  ],
  names: [hub.model],
  async read(bytes) {
    let response: Response;
    try {
      const { status, headers } = JSON.parse(new TextDecoder().decode(bytes));
      response = new Response(null, { status, headers });
    } catch {
      return; // no answer that a server could give
    }
    const { size, hash } = await answering(
      () => new Response(null, response),
      () => announced(hub, "https://hub.invalid/org/clip/resolve/main/config.json"),
    );
    if (!Number.isSafeInteger(size) || size < 0) throw new Contradiction("a size is none", `${size} of ${hash}`);
  },
});

/** The index of shards, as the fetching reads it. */
export const shardList: MakeParser = (scratch) => ({
  samples: [
    jsonSample("model.safetensors.index.json", { weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" } }),
  ],
  names: ["model.safetensors.index.json"],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    const shards = [...(await readShardIndex(scratch)).values()];
    if (!shards.every((shard) => typeof shard === "string")) throw new Contradiction("a shard is no name", shards);
  },
});

/** A language model's reply. */
export const chatReply: MakeParser = () => ({
  samples: [
    jsonSample("reply", {
      choices: [{ index: 0, message: { role: "assistant", content: "a dog runs\na dog sleeps" } }],
      usage: { prompt_tokens: 10, completion_tokens: 8 },
    }),
  ],
  names: ["https://llm.invalid/v1"],
  async read(bytes) {
    const endpoint = { url: "https://llm.invalid/v1", model: "made" };
    const reply = await answering(
      () => new Response(bytes as BufferSource),
      () => chat(endpoint, "Write.", { retries: 0 }),
    );
    if (typeof reply.text !== "string") throw new Contradiction("the reply is no text", typeof reply.text);
    for (const count of [reply.promptTokens, reply.replyTokens]) {
      if (!Number.isFinite(count)) throw new Contradiction("a count of tokens is no number", JSON.stringify(count));
    }
  },
});
