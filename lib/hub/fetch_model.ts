/** Fetches models from the Hugging Face hub into the standard cache; a cached model is found without the network. */
import { basename, dirname } from "node:path";
import { checkWritable } from "../io/check_writable.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder } from "../io/path.ts";
import { isFile } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";
import { absenceRecord, cachedSnapshot, modelCache, neededFiles, preprocessorFile } from "./cache.ts";
import { download } from "./download.ts";
import { lockDownload, type LockOptions } from "./download_lock.ts";
import { announced, fileUrl, type HubModel, hubModel, listFiles } from "./hub_client.ts";
import { checkLimits, type TimeLimits } from "./request.ts";
import { hasAllShards, readShardIndex, shardIndex } from "./shards.ts";

/** Progress of the download of one file of a model. */
export interface FetchNews {
  /** The file's name in the model's repository. */
  file: string;
  /** Bytes of the file received so far, by another process if that one is downloading it. */
  bytes: number;
  /** Size of the file, bytes. */
  size: number;
}

/** Options of {@linkcode fetchModel}. */
export interface FetchOptions {
  /** A branch, a tag, a reference such as `"refs/pr/1"`, or a commit (default `"main"`). */
  revision?: string;
  /** Seconds until the hub must have begun an answer (default 30). */
  connectSeconds?: number;
  /** Seconds in which at least 1024 bytes of an answer must arrive, or its end (default 60). */
  stallSeconds?: number;
  /** Seconds for which another process's download of a file may receive nothing before waiting ends (default 600). */
  lockSeconds?: number;
  /** Called as the bytes of a file arrive, file by file. */
  onProgress?: (news: FetchNews) => void;
}

/**
 * Fetches a model's configuration, tokenizer, preprocessing and weights into the standard Hugging Face cache, or finds
 * them there. A file that another process is downloading is waited for.
 *
 * The environment variables `HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME` and `HF_HUB_CACHE` have the same meaning as in Python.
 *
 * @param model name on the hub, such as "openai/clip-vit-base-patch32"
 * @returns the snapshot's folder, as `loadClip` reads it
 * @throws {Error} if the hub has no such model or refuses it, the cache cannot be written, the connection breaks or
 *   stalls (a second call resumes), or what the hub sends is not what it announced
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
  { revision = "main", onProgress = () => {}, lockSeconds, ...limits }: FetchOptions = {},
): Promise<string> {
  checkLimits(`Fetching ${model}`, { lockSeconds, ...limits });
  const cached = await cachedSnapshot(model, revision);
  if (cached && await isComplete(model, cached)) return cached;

  const hub = hubModel(model, limits);
  const { commit, files: all } = await listFiles(hub, revision);
  const files = neededFiles(model, all);
  const folder = modelCache(model), snapshot = inFolder(folder, "snapshots", commit);
  for (const part of [inFolder(folder, "blobs"), inFolder(folder, "refs"), snapshot]) {
    // Made first, so that two processes do not take away each other's; what refused it is said by the check.
    await Deno.mkdir(part, { recursive: true }).catch(() => {});
    await checkWritable(part);
  }
  if (!all.includes(preprocessorFile)) await writeAtomically(absenceRecord(model, commit, preprocessorFile), "");
  for (const file of files) {
    await fetchFile(hub, { commit, file, lockSeconds, onProgress, ...limits });
    if (file !== shardIndex) continue;
    for (const shard of new Set((await readShardIndex(snapshot)).values())) {
      if (!all.includes(shard)) {
        throw new Error(
          `Fetching ${model} failed: its ${shardIndex} names the shard ${
            shown(shard)
          }, which the hub does not have; name ` +
            `another revision or model.`,
        );
      }
      if (!files.includes(shard)) files.push(shard);
    }
  }
  // Written last, so that a snapshot to which a revision points is complete.
  await writeAtomically(inFolder(folder, "refs", revision), commit);
  return snapshot;
}

interface FileTask extends TimeLimits, Pick<LockOptions, "lockSeconds"> {
  commit: string;
  file: string;
  onProgress: (news: FetchNews) => void;
}

/** Downloads a file into the cache and links it into the snapshot, unless it is there. */
async function fetchFile(hub: HubModel, { commit, file, lockSeconds, onProgress, ...limits }: FileTask): Promise<void> {
  const { model, headers } = hub, folder = modelCache(model);
  const link = inFolder(folder, "snapshots", commit, file);
  if (isFile(link)) return;
  const url = fileUrl(hub, commit, file), expected = await announced(hub, url);
  const blob = inFolder(folder, "blobs", expected.hash);
  const onBytes = (bytes: number) => onProgress({ file, bytes, size: expected.size });
  using _lock = await lockDownload(model, blob, expected.hash, { lockSeconds, onWait: onBytes });
  if (!isFile(blob)) await download(url, blob, expected, { headers, onBytes, ...limits });
  if (isFile(link)) return;
  await Deno.mkdir(dirname(link), { recursive: true });
  await Deno.remove(link).catch(() => {});
  await Deno.symlink(`../../${"../".repeat(file.split("/").length - 1)}blobs/${expected.hash}`, link);
}

/**
 * Whether a snapshot has all files that are needed, every shard included, and the preprocessing unless the hub is known
 * to have none: without it, a stopped fetch would leave a model that is read with OpenAI's preprocessing.
 */
async function isComplete(model: string, snapshot: string): Promise<boolean> {
  // A link to a blob that no longer exists does not count.
  const present = [...Deno.readDirSync(snapshot)].map(({ name }) => name).filter((name) =>
    isFile(inFolder(snapshot, name))
  );
  const absence = absenceRecord(model, basename(snapshot), preprocessorFile);
  if (!present.includes(preprocessorFile) && !isFile(absence)) return false;
  try {
    return !neededFiles(model, present).includes(shardIndex) || await hasAllShards(snapshot);
  } catch {
    return false;
  }
}
