/** Fetches models from the Hugging Face hub into the standard cache; a cached model is found without the network. */
import { inFolder } from "../io/path.ts";
import { cachedSnapshot, modelCache, neededFiles } from "./cache.ts";
import { download, type Expected } from "./download.ts";

/** Progress of the download of one file of a model. */
export interface FetchNews {
  /** The file's name in the model's repository. */
  file: string;
  /** Bytes of the file received so far. */
  bytes: number;
  /** Size of the file, bytes. */
  size: number;
}

/** Options of {@linkcode fetchModel}. */
export interface FetchOptions {
  /** A branch, a tag or a commit (default `"main"`). */
  revision?: string;
  /** Called as the bytes of a file arrive, file by file. */
  onProgress?: (news: FetchNews) => void;
}

/**
 * Fetches a model's configuration, tokenizer, preprocessing and weights into the standard Hugging Face cache, or finds
 * them there.
 *
 * The environment variables `HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME` and `HF_HUB_CACHE` have the same meaning as in Python.
 *
 * @param model name on the hub, such as "openai/clip-vit-base-patch32"
 * @returns the snapshot's folder, as `loadClip` reads it
 * @throws {Error} if the hub has no such model or refuses it, or the connection breaks (a second call resumes)
 *
 * @example
 * ```ts ignore
 * import { fetchModel, loadClip } from "@rtd/toolkit/clip";
 *
 * const folder = await fetchModel("openai/clip-vit-base-patch32");
 * const clip = await loadClip(folder);
 * ```
 */
export async function fetchModel(
  model: string,
  { revision = "main", onProgress = () => {} }: FetchOptions = {},
): Promise<string> {
  const cached = await cachedSnapshot(model, revision);
  if (cached && await isComplete(model, cached)) return cached;

  const endpoint = (Deno.env.get("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/$/, "");
  const token = Deno.env.get("HF_TOKEN");
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const info = await request(`${endpoint}/api/models/${model}/revision/${revision}`, { headers }, model);
  const { sha: commit, siblings } = await info.json() as { sha: string; siblings: { rfilename: string }[] };
  const files = neededFiles(model, siblings.map(({ rfilename }) => rfilename));

  const folder = modelCache(model), snapshot = inFolder(folder, "snapshots", commit);
  for (const part of [inFolder(folder, "blobs"), inFolder(folder, "refs"), snapshot]) {
    await Deno.mkdir(part, { recursive: true });
  }
  for (const file of files) {
    const link = inFolder(snapshot, file);
    if (await Deno.stat(link).then(() => true, () => false)) continue;
    const url = `${endpoint}/${model}/resolve/${commit}/${file}`;
    const expected = await announced(url, headers, model);
    const blob = inFolder(folder, "blobs", expected.hash);
    if (!await Deno.stat(blob).then(() => true, () => false)) {
      await download(url, blob, expected, headers, (bytes) => onProgress({ file, bytes, size: expected.size }));
    }
    await Deno.remove(link).catch(() => {});
    await Deno.symlink(`../../blobs/${expected.hash}`, link);
  }
  // Written last, so that a snapshot to which a revision points is complete.
  await Deno.writeTextFile(inFolder(folder, "refs", revision), commit);
  return snapshot;
}

/** Returns whether a snapshot has all files that are needed, every shard included. */
async function isComplete(model: string, snapshot: string): Promise<boolean> {
  const present: string[] = [];
  for await (const { name } of Deno.readDir(snapshot)) {
    // A link to a blob that no longer exists does not count.
    if (await Deno.stat(inFolder(snapshot, name)).then(() => true, () => false)) present.push(name);
  }
  try {
    const files = neededFiles(model, present);
    const index = files.find((name) => name.endsWith(".index.json"));
    if (!index) return true;
    const { weight_map: shards } = JSON.parse(await Deno.readTextFile(inFolder(snapshot, index)));
    return Object.values(shards).every((shard) => present.includes(String(shard)));
  } catch {
    return false;
  }
}

/** Returns the size and hash of a file from the headers of a HEAD request; a redirect to a store has them too. */
async function announced(url: string, headers: Record<string, string>, model: string): Promise<Expected> {
  const response = await request(url, { method: "HEAD", headers, redirect: "manual" }, model);
  const header = (name: string) => response.headers.get(name);
  const hash = (header("x-linked-etag") ?? header("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  const size = Number(header("x-linked-size") ?? header("content-length"));
  if (!/^([0-9a-f]{64}|[0-9a-f]{40})$/.test(hash) || !Number.isSafeInteger(size)) {
    throw new Error(`Fetching ${model} failed: ${url} announces the hash "${hash}" and the size ${size}.`);
  }
  return { size, hash };
}

async function request(url: string, init: RequestInit, model: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new Error(
      `Fetching ${model} failed: ${new URL(url).host} cannot be reached (${
        (error as Error).message
      }); is HF_ENDPOINT right?`,
    );
  }
  if (response.status < 400) return response;
  await response.body?.cancel();
  const why = response.status === 401 || response.status === 403
    ? "it is private or gated, or there is none of that name; set HF_TOKEN if you may read it"
    : response.status === 404
    ? "there is no such model, revision or file"
    : response.statusText;
  throw new Error(`Fetching ${model} failed: the hub answered ${response.status} to ${url}: ${why}.`);
}
