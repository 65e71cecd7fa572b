/** The weight files of a model: safetensors in one file or in shards, or `pytorch_model.bin`. */
import { createHash } from "node:crypto";
import { inFolder, type Path } from "../../io/path.ts";
import { decodeText, isFile } from "../../io/read_file.ts";
import { type NamedArray, type OpenSafetensors, openSafetensors } from "../../io/safetensors.ts";
import { shown } from "../../io/shown.ts";
import { readTorchCheckpoint, tensorsOf } from "../../io/torch_checkpoint.ts";

/** An open checkpoint, whose tensors are read one at a time. */
export interface WeightFiles {
  /** The file, or the index of the shards. */
  path: string;
  /** Shapes of the tensors by name, over all shards. */
  shapes: Record<string, number[]>;
  /** The strings of the files' headers. */
  metadata: Record<string, string>;
  /** Reads one tensor. @throws {Error} if there is none of that name */
  read(name: string): NamedArray;
  /**
   * SHA-256 of the file, or of the shards one after the other, 64 hexadecimal digits. Files that this toolkit wrote are
   * compared with their checksums in the same pass.
   *
   * @throws {Error} if a file is damaged
   */
  hash(): Promise<string>;
  /** Closes the files; nothing can be read afterwards. */
  close(): void;
}

/**
 * Opens `model.safetensors` of a folder, or the shards that `model.safetensors.index.json` names, or
 * `pytorch_model.bin`.
 *
 * @returns the open files, the caller's to close
 * @throws {Error} if none of them is there, a shard is missing or damaged, or the index contradicts a shard
 */
export function openWeightFiles(folder: Path): WeightFiles {
  const single = inFolder(folder, "model.safetensors"), index = inFolder(folder, "model.safetensors.index.json");
  const torch = inFolder(folder, "pytorch_model.bin");
  let files: string[];
  let owner: Map<string, string> | undefined;
  if (isFile(single)) files = [single];
  else if (isFile(index)) {
    owner = readIndex(index);
    files = [...new Set(owner.values())].sort().map((name) => inFolder(folder, name));
  } else if (isFile(torch)) return openTorch(torch);
  else {
    throw new Error(
      `Reading ${single} failed: there is no such file, and no model.safetensors.index.json and no ` +
        `pytorch_model.bin beside it; is this a CLIP model's folder?`,
    );
  }
  const path = owner ? index : single;
  const shards: OpenSafetensors[] = [];
  const close = () => shards.forEach((shard) => shard.close());
  try {
    const shardOf = new Map<string, OpenSafetensors>();
    for (const file of files) {
      if (!isFile(file)) throw new Error(`Reading ${path} failed: its shard ${file} is missing; fetch it.`);
      const shard = openSafetensors(file);
      shards.push(shard);
      for (const name of Object.keys(shard.shapes)) shardOf.set(name, shard);
    }
    for (const [name, file] of owner ?? []) {
      if (!shardOf.has(name)) {
        throw new Error(`Reading ${path} failed: ${shown(name)} should be in ${file} and is not.`);
      }
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
      hash: () => hashOf(files, shards),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Opens a checkpoint of PyTorch, which has to be read whole. */
function openTorch(file: string): WeightFiles {
  const arrays = tensorsOf(readTorchCheckpoint(Deno.readFileSync(file), file));
  if (!arrays) throw new Error(`Reading ${file} failed: it is no state dict.`);
  return {
    path: file,
    shapes: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
    metadata: {},
    read(name) {
      const found = arrays[name];
      if (!found) throw new Error(`Reading ${file} failed: it has no tensor "${name}".`);
      return found;
    },
    hash: () => hashOf([file]),
    close: () => {},
  };
}

/** @param opened the same files opened as safetensors, whose checksums are compared; none for one of PyTorch's */
async function hashOf(files: readonly string[], opened: readonly OpenSafetensors[] = []): Promise<string> {
  const digest = createHash("sha256");
  for (const [i, file] of files.entries()) {
    using handle = await Deno.open(file);
    const checksum = opened[i]?.verify();
    for await (const part of handle.readable) {
      digest.update(part);
      checksum?.take(part);
    }
    checksum?.end();
  }
  return digest.digest("hex");
}

function readIndex(file: string): Map<string, string> {
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}; fetch it again.`);
  };
  const text = decodeText(Deno.readFileSync(file), file);
  let json: { weight_map?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("it is not JSON");
  }
  const map = json?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map)) return fail("it has no weight_map");
  return new Map(
    Object.entries(map).map(([name, shard]) =>
      // A shard lies beside its index; a path would reach elsewhere.
      typeof shard === "string" && /^\w[\w. -]{0,200}$/.test(shard)
        ? [name, shard]
        : fail(`${shown(name)} names no file beside it`)
    ),
  );
}
