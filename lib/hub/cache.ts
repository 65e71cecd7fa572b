/**
 * The standard Hugging Face cache, shared with Python: a model that one program downloaded is found by the other.
 *
 * Layout: `models--ORG--NAME/refs/REVISION` holds a commit; `snapshots/COMMIT/FILE` links to `blobs/ETAG`;
 * an empty `.no_exist/COMMIT/FILE` records that the model has no such file.
 */
import { inFolder } from "../io/path.ts";
import { isFolder, readTextIfThere } from "../io/read_file.ts";
import { isCommit, staysInside } from "./file_names.ts";
import { shardIndex } from "./shards.ts";

/** Returns the folder of the cache: `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or `~/.cache/huggingface/hub`. */
export function hubCache(): string {
  const cache = Deno.env.get("HF_HUB_CACHE") ?? Deno.env.get("HUGGINGFACE_HUB_CACHE");
  if (cache) return cache;
  const base = Deno.env.get("XDG_CACHE_HOME") ??
    inFolder(Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".", ".cache");
  return inFolder(Deno.env.get("HF_HOME") ?? inFolder(base, "huggingface"), "hub");
}

/**
 * Returns the name of a model's folder in the cache, `models--ORG--NAME`.
 *
 * @param model name on the hub, such as "openai/clip-vit-base-patch32"
 * @throws {Error} if it is not of the form of a name on the hub
 */
export function modelFolderName(model: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(model) || model.includes("..")) {
    throw new Error(`Finding the model "${model}" failed: a name looks like "openai/clip-vit-base-patch32".`);
  }
  return `models--${model.replace("/", "--")}`;
}

/**
 * Returns the folder of a model in the cache, whether it exists or not.
 *
 * @param model name on the hub, such as "openai/clip-vit-base-patch32"
 * @throws {Error} if it is not of the form of a name on the hub
 */
export function modelCache(model: string): string {
  return inFolder(hubCache(), modelFolderName(model));
}

/**
 * Returns the folder of a model's snapshot in the cache, or undefined if it was never fetched; the network is not used.
 *
 * @param model name on the hub, such as "openai/clip-vit-base-patch32"
 * @param revision a branch, a tag, a reference such as "refs/pr/1", or a commit; "main" by default
 * @throws {Error} if `model` is not of the form of a name on the hub, or `revision` not of that of a revision
 * @example
 * ```ts ignore
 * import { cachedSnapshot, loadClip } from "@rtd/toolkit/clip";
 *
 * const folder = await cachedSnapshot("openai/clip-vit-base-patch32");
 * if (folder) console.log((await loadClip(folder)).config);
 * ```
 */
export async function cachedSnapshot(model: string, revision = "main"): Promise<string | undefined> {
  const folder = modelCache(model);
  if (!staysInside(revision)) {
    throw new Error(
      `Finding ${model} failed: "${revision}" is no revision; one looks like "main", "refs/pr/1" or a commit.`,
    );
  }
  const commit = (await readTextIfThere(inFolder(folder, "refs", revision)).catch(() => undefined))?.trim() ?? revision;
  if (!isCommit(commit)) return undefined;
  const snapshot = inFolder(folder, "snapshots", commit);
  return isFolder(snapshot) ? snapshot : undefined;
}

/** Name of the file with a model's preprocessing, which older models lack. */
export const preprocessorFile = "preprocessor_config.json";

/**
 * The file, empty, that records in the cache that a model has no such file at a commit; Python writes and reads it too.
 */
export function absenceRecord(model: string, commit: string, file: string): string {
  return inFolder(modelCache(model), ".no_exist", commit, file);
}

/**
 * Returns the names of the files that are needed to use a model, the weights last. For the weights, safetensors in one
 * file are preferred to shards, and shards to `pytorch_model.bin`. Of shards the index alone is returned; which files
 * they are stands in it, see `readShardIndex`.
 *
 * @param all the names of all files of the model
 * @throws {Error} if the configuration, the tokenizer or the weights are missing
 */
export function neededFiles(model: string, all: readonly string[]): string[] {
  const has = (name: string) => all.includes(name);
  const need = (name: string, ...forms: string[][]) => {
    const form = forms.find((files) => files.every(has));
    if (!form) {
      throw new Error(`Fetching ${model} failed: it has no ${name} (${forms.map((f) => f.join(" + ")).join(" or ")}).`);
    }
    return form;
  };
  return [
    ...need("configuration", ["config.json"]),
    ...need("tokenizer", ["tokenizer.json"], ["vocab.json", "merges.txt"]),
    ...all.filter((name) => name === preprocessorFile),
    ...need("weights", ["model.safetensors"], [shardIndex], ["pytorch_model.bin"]),
  ];
}
