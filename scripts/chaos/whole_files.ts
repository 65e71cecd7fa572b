/** Whether the files of a folder are whole, and what they say beside times and paths. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { readSafetensors } from "../../lib/io/safetensors.ts";

/** Names of files that are not final: temporary ones, locks, downloads that are under way. */
const unfinished = /\.(part|lock|incomplete)$|^\.rtd-check-/;

/** All plain files below a folder, sorted, without it; links are followed to files only. */
export function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`).map((path) => `${name}/${path}`) : [name]
  ).sort();
}

/** Names of the files that an interrupted run left behind and that are not final. */
export function leftovers(folder: string): string[] {
  return filesBelow(folder).filter((path) => unfinished.test(basename(path)));
}

/** Returns the files at final paths that are torn, with the reason. */
export function tornFiles(folder: string): string[] {
  return filesBelow(folder).flatMap((path) => {
    // The hub's cache marks what a model does not have by an empty file of its name.
    if (unfinished.test(basename(path)) || path.includes("/.no_exist/")) return [];
    try {
      checkWhole(path, Deno.readFileSync(`${folder}/${path}`));
      return [];
    } catch (error) {
      return [`${path}: ${(error as Error).message}`];
    }
  });
}

function checkWhole(path: string, bytes: Uint8Array): void {
  const text = () => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (/\.safetensors(\.checkpoint)?$/.test(path) && !path.includes("/snapshots/")) readSafetensors(bytes, path);
  else if (path.endsWith(".json.gz")) JSON.parse(gunzipSync(bytes).toString());
  else if (path.endsWith(".json")) JSON.parse(text());
  else if (path.endsWith(".jsonl")) text().trimEnd().split("\n").forEach((line) => JSON.parse(line));
  else if (path.endsWith(".html") && !text().trimEnd().endsWith("</html>")) throw new Error("its end is missing");
  else if (/\/blobs\/[0-9a-f]{64}$/.test(path)) {
    const hash = createHash("sha256").update(bytes).digest("hex");
    if (hash !== basename(path)) throw new Error(`its hash is ${hash}`);
  } else if (/\/refs\//.test(path) && !/^[0-9a-f]{40}$/.test(text())) throw new Error("it names no commit");
}

/** Fields of results that differ from run to run, or, as the key of cached features does, from folder to folder. */
const volatile = new Set(["seconds", "memory", "memoryMB", "command", "arguments", "cache"]);

/**
 * Returns the hashes of result files: without times, and with the folder's own path taken out.
 * @param names of the files, below the folder; "NAME/*" stands for all that are final
 */
export function fingerprint(folder: string, names: readonly string[]): Record<string, string> {
  const files = names.flatMap((name) => name.endsWith("/*") ? finalFiles(folder, name.slice(0, -2)) : [name]);
  return Object.fromEntries(files.map((name) => [name, hashOf(folder, name)]));
}

function finalFiles(folder: string, inside: string): string[] {
  return filesBelow(`${folder}/${inside}`).filter((path) => !unfinished.test(basename(path)))
    .map((path) => `${inside}/${path}`);
}

function hashOf(folder: string, name: string): string {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(`${folder}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw error;
  }
  const hash = createHash("sha256");
  if (/\.json(\.gz)?$/.test(name)) {
    const plain = name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    const value = JSON.parse(new TextDecoder().decode(plain), (key, value) => volatile.has(key) ? undefined : value);
    hash.update(JSON.stringify(value).replaceAll(JSON.stringify(folder).slice(1, -1), "HERE"));
  } else if (/\.(jsonl|html)$/.test(name)) {
    hash.update(new TextDecoder().decode(bytes).replaceAll(folder, "HERE"));
  } else hash.update(bytes);
  return hash.digest("hex").slice(0, 16);
}

/** Returns the names of results that differ. */
export function differences(expected: Record<string, string>, found: Record<string, string>): string[] {
  return Object.keys(expected).filter((name) => expected[name] !== found[name])
    .map((name) => `${name} is ${found[name]}, undisturbed ${expected[name]}`);
}
