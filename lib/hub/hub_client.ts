/** The two requests to a hub about a model: its commit and files, and the size and hash of one file. */
import { shown } from "../io/shown.ts";
import type { Expected } from "./download.ts";
import { isCommit, staysInside } from "./file_names.ts";
import { request, type TimedResponse, type TimeLimits } from "./request.ts";

/** Longest list of a model's files that is read, bytes (16 MiB). */
export const maxListingBytes = 16 * 2 ** 20;

/** Redirects inside the hub that are followed before a file's size and hash. */
const maxRedirects = 5;

/** A model on a hub. */
export interface HubModel {
  /** Name on the hub, such as "openai/clip-vit-base-patch32". */
  model: string;
  /** Address of the hub, without a last slash. */
  endpoint: string;
  /** Sent with every request; the authorization is not sent on to another host. */
  headers: Record<string, string>;
  /** Time limits of every request. */
  limits: TimeLimits;
}

/**
 * Returns a model on the hub that `HF_ENDPOINT` names, with the token `HF_TOKEN`. @throws {Error} if it is no address
 */
export function hubModel(model: string, limits: TimeLimits): HubModel {
  const endpoint = (Deno.env.get("HF_ENDPOINT") || "https://huggingface.co").replace(/\/+$/, "");
  if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
    throw new Error(`Fetching ${model} failed: HF_ENDPOINT is "${endpoint}", expected was an address with https://.`);
  }
  const token = Deno.env.get("HF_TOKEN");
  return { model, endpoint, headers: token ? { authorization: `Bearer ${token}` } : {}, limits };
}

/** Address of a file of a model at a commit. */
export function fileUrl({ endpoint, model }: HubModel, commit: string, file: string): string {
  return `${endpoint}/${model}/resolve/${commit}/${file.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Asks for the commit that a revision means and for the names of all files there.
 *
 * @throws {Error} if the hub refuses or cannot be reached, or if its answer is too long, no list of files, or names a
 *   commit or a file that could leave the cache
 */
export async function listFiles(hub: HubModel, revision: string): Promise<{ commit: string; files: string[] }> {
  const { model, endpoint, headers } = hub;
  const url = `${endpoint}/api/models/${model}/revision/${encodeURIComponent(revision)}`;
  const { sha, siblings } = parseListing(await readListing(hub, url, await ask(hub, url, { headers })));
  const wrong = (why: string) => new Error(`Fetching ${model} failed: ${url} ${why}; is HF_ENDPOINT right?`);
  const files = Array.isArray(siblings) ? siblings.map((one) => one?.rfilename) : [];
  if (files.length === 0 || !files.every((file) => typeof file === "string")) {
    throw wrong("did not answer with a list of files in JSON");
  }
  if (typeof sha !== "string" || !isCommit(sha)) {
    throw wrong(`names the commit ${shown(sha)}, expected were 40 hexadecimal digits`);
  }
  const outside = files.find((file) => !staysInside(file));
  if (outside !== undefined) throw wrong(`names the file ${shown(outside)}, which leaves the model's folder`);
  return { commit: sha, files };
}

async function readListing({ model }: HubModel, url: string, { parts }: TimedResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "", bytes = 0;
  try {
    for await (const part of parts) {
      bytes += part.length;
      if (bytes > maxListingBytes) throw new Error(`it is longer than ${maxListingBytes} bytes`);
      text += decoder.decode(part, { stream: true });
    }
  } catch (error) {
    throw new Error(`Fetching ${model} failed: reading ${url} stopped: ${(error as Error).message}; try again.`, {
      cause: error,
    });
  }
  return text + decoder.decode();
}

function parseListing(text: string): { sha?: unknown; siblings?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/**
 * Asks for the size and hash of a file, by a HEAD request. A redirect to a store has them in headers of its own; one
 * without them, inside the hub, is followed.
 */
export async function announced(hub: HubModel, url: string): Promise<Expected> {
  const head = { method: "HEAD", headers: hub.headers, redirect: "manual" } as const;
  let { response } = await ask(hub, url, head);
  for (let i = 0; i < maxRedirects; i++) {
    const location = response.headers.get("location");
    const next = location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined;
    // The headers may hold a token, which is for the hub only.
    if (response.ok || response.headers.has("x-linked-etag") || next?.origin !== new URL(url).origin) break;
    ({ response } = await ask(hub, next.href, head));
  }
  const header = (name: string) => response.headers.get(name);
  const hash = (header("x-linked-etag") ?? header("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  // The length of a redirect is not that of the file.
  const length = header("x-linked-size") ?? (response.ok ? header("content-length") : null) ?? "",
    size = Number(length);
  if (!/^([0-9a-f]{64}|[0-9a-f]{40})$/.test(hash) || !/^\d+$/.test(length) || !Number.isSafeInteger(size)) {
    throw new Error(
      `Fetching ${hub.model} failed: ${url} announces the hash ${shown(hash)} and the size ${
        shown(length)
      }, expected were 40 or ` +
        `64 hexadecimal digits and a number of bytes; is HF_ENDPOINT right?`,
    );
  }
  return { size, hash };
}

async function ask(
  { model, limits }: HubModel,
  url: string,
  init: Parameters<typeof request>[1],
): Promise<TimedResponse> {
  const answer = await request(url, init, limits).catch((error) => {
    throw new Error(
      `Fetching ${model} failed: ${new URL(url).host} cannot be reached (${error.message}); is HF_ENDPOINT right?`,
      { cause: error },
    );
  });
  const { response } = answer;
  if (response.status < 400) return answer;
  await response.body?.cancel();
  const why = response.status === 401 || response.status === 403
    ? "it is private or gated, or there is none of that name; set HF_TOKEN if you may read it"
    : response.status === 404
    ? "there is no such model, revision or file"
    : response.statusText || "try again later";
  throw new Error(`Fetching ${model} failed: the hub answered ${response.status} to ${url}: ${why}.`);
}
