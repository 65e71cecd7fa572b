/** A model's safetensors, in one file or in shards, read one tensor at a time. */
import { createHash } from "node:crypto";
import { type NamedArray, type OpenSafetensors, openSafetensors } from "../formats/safetensors.ts";
import { readTorchCheckpoint, tensorsOf } from "../formats/torch_checkpoint.ts";

/** An open checkpoint. */
export interface Checkpoint {
  /** The file, or the index of the shards. */
  path: string;
  /** Shapes by name, over all shards. */
  shapes: Record<string, number[]>;
  metadata: Record<string, string>;
  read(name: string): NamedArray;
  /** SHA-256 of the file, or of the shards one after the other, hexadecimal: names these weights in results. */
  hash(): Promise<string>;
  close(): void;
}

/**
 * Opens `model.safetensors` of a folder, or the shards that `model.safetensors.index.json` names, or `pytorch_model.bin`.
 * @throws {Error} if neither is there, a shard is missing or damaged, or the index contradicts a shard
 */
export function openCheckpoint(folder: URL): Checkpoint {
  const single = new URL("model.safetensors", folder), index = new URL("model.safetensors.index.json", folder);
  const torch = new URL("pytorch_model.bin", folder);
  let files: URL[];
  let owner: Map<string, string> | undefined;
  if (isFile(single)) files = [single];
  else if (isFile(index)) {
    owner = readIndex(index);
    files = [...new Set(owner.values())].sort().map((name) => new URL(encodeURIComponent(name), folder));
  } else if (isFile(torch)) return openTorch(torch);
  else {
    throw new Error(
      `Reading ${single.pathname} failed: there is no such file, and no model.safetensors.index.json and no ` +
        `pytorch_model.bin beside it; is this a CLIP model's folder?`,
    );
  }
  const path = owner ? index.pathname : single.pathname;
  const shards: OpenSafetensors[] = [];
  const close = () => shards.forEach((shard) => shard.close());
  try {
    const shardOf = new Map<string, OpenSafetensors>();
    for (const file of files) {
      if (!isFile(file)) throw new Error(`Reading ${path} failed: its shard ${file.pathname} is missing; fetch it.`);
      const shard = openSafetensors(file);
      shards.push(shard);
      for (const name of Object.keys(shard.shapes)) shardOf.set(name, shard);
    }
    for (const [name, file] of owner ?? []) {
      if (!shardOf.has(name)) throw new Error(`Reading ${path} failed: "${name}" should be in ${file} and is not.`);
    }
    return {
      path,
      shapes: Object.assign({}, ...shards.map(({ shapes }) => shapes)),
      metadata: Object.assign({}, ...shards.map(({ metadata }) => metadata)),
      read(name) {
        const shard = shardOf.get(name);
        if (!shard) throw new Error(`Reading ${path} failed: it has no tensor "${name}".`);
        return shard.read(name);
      },
      hash: () => hashOf(files),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** An older checkpoint, which has to be read whole. */
function openTorch(file: URL): Checkpoint {
  const arrays = tensorsOf(readTorchCheckpoint(Deno.readFileSync(file), file.pathname));
  if (!arrays) throw new Error(`Reading ${file.pathname} failed: it is no state dict.`);
  return {
    path: file.pathname,
    shapes: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
    metadata: {},
    read(name) {
      const found = arrays[name];
      if (!found) throw new Error(`Reading ${file.pathname} failed: it has no tensor "${name}".`);
      return found;
    },
    hash: () => hashOf([file]),
    close: () => {},
  };
}

async function hashOf(files: readonly URL[]): Promise<string> {
  const digest = createHash("sha256");
  for (const file of files) {
    using handle = await Deno.open(file);
    for await (const part of handle.readable) digest.update(part);
  }
  return digest.digest("hex");
}

function readIndex(file: URL): Map<string, string> {
  const fail = (what: string): never => {
    throw new Error(`Reading ${file.pathname} failed: ${what}; fetch it again.`);
  };
  let map: unknown;
  try {
    map = JSON.parse(Deno.readTextFileSync(file)).weight_map;
  } catch {
    return fail("it is not JSON");
  }
  if (typeof map !== "object" || map === null) return fail("it has no weight_map");
  return new Map(
    Object.entries(map).map(([name, shard]) =>
      // A shard lies beside its index; a path would reach elsewhere.
      typeof shard === "string" && !/[/\\]/.test(shard) ? [name, shard] : fail(`"${name}" names no file beside it`)
    ),
  );
}

/** Whether a file is there. @throws {Error} if that cannot be told */
export function isFile(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
