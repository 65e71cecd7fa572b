/** The weight files of a model: safetensors in one file or in shards, or `pytorch_model.bin`. */
import { createHash } from "node:crypto";
import { readShardIndex, shardIndex } from "../../hub/shards.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { isFile } from "../../io/read_file.ts";
import { type NamedArray, type OpenSafetensors, openSafetensors } from "../../io/safetensors.ts";
import { shown } from "../../io/shown.ts";
import { readTorchCheckpoint, tensorsOf, type TorchValue } from "../../io/torch_checkpoint.ts";

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
 * `pytorch_model.bin`. Of shards, each tensor is read from the shard that the index names for it; tensors that the
 * index does not name are left out.
 *
 * @returns the open files, the caller's to close
 * @throws {Error} if none of them is there, a shard is missing or damaged, or one lacks a tensor that the index
 *   promises of it
 */
export async function openWeightFiles(folder: Path): Promise<WeightFiles> {
  const single = inFolder(folder, "model.safetensors"), index = inFolder(folder, shardIndex);
  const torch = inFolder(folder, "pytorch_model.bin");
  if (isFile(single)) {
    const opened = openSafetensors(single);
    return { ...opened, path: single, hash: () => hashOf([single], [opened]) };
  }
  if (isFile(index)) return openShards(folder, index, await readShardIndex(folder));
  if (isFile(torch)) return await openTorchWeights(torch, tensorsOf, "it is no state dict");
  throw new Error(
    `Reading ${single} failed: there is no such file, and no model.safetensors.index.json and no ` +
      `pytorch_model.bin beside it; is this a CLIP model's folder?`,
  );
}

/** @param shardOf the name of each tensor's shard, as `index` says */
function openShards(folder: Path, index: string, shardOf: ReadonlyMap<string, string>): WeightFiles {
  const shards = new Map<string, OpenSafetensors>();
  const close = () => shards.forEach((shard) => shard.close());
  try {
    // In the order of their names, which is that of the hash.
    for (const shard of [...new Set(shardOf.values())].sort()) {
      const file = inFolder(folder, shard);
      if (!isFile(file)) throw new Error(`Reading ${index} failed: its shard ${file} is missing; fetch it.`);
      shards.set(shard, openSafetensors(file));
    }
    const shapes = [...shardOf].map(([name, shard]) => {
      const held = shards.get(shard)!.shapes;
      if (!Object.hasOwn(held, name)) {
        throw new Error(
          `Reading ${index} failed: ${shown(name)} should be in ${
            inFolder(folder, shard)
          } and is not; fetch both again.`,
        );
      }
      return [name, held[name]] as const;
    });
    return {
      path: index,
      shapes: Object.fromEntries(shapes),
      metadata: Object.assign({}, ...[...shards.values()].map(({ metadata }) => metadata)),
      read(name) {
        const shard = shardOf.get(name);
        if (shard === undefined) throw new Error(`Reading ${index} failed: it has no tensor ${shown(name)}.`);
        return shards.get(shard)!.read(name);
      },
      hash: () => hashOf([...shards.keys()].map((shard) => inFolder(folder, shard)), [...shards.values()]),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Opens a checkpoint of PyTorch, which is read whole, and once.
 *
 * @param find the state dict inside the checkpoint, or undefined if there is none
 * @param missing what to say then, such as "it is no state dict"
 * @throws {Error} if the file is missing or damaged, or has no state dict
 */
export async function openTorchWeights(
  file: string,
  find: (checkpoint: TorchValue) => Record<string, NamedArray> | undefined,
  missing: string,
): Promise<WeightFiles> {
  const bytes = await Deno.readFile(file), arrays = find(readTorchCheckpoint(bytes, file));
  if (!arrays) throw new Error(`Reading ${file} failed: ${missing}.`);
  // Now and not on demand, so that the bytes are not kept beside the arrays.
  const hash = createHash("sha256").update(bytes).digest("hex");
  return {
    path: file,
    shapes: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
    metadata: {},
    read(name) {
      if (!Object.hasOwn(arrays, name)) throw new Error(`Reading ${file} failed: it has no tensor ${shown(name)}.`);
      return arrays[name];
    },
    hash: () => Promise.resolve(hash),
    close: () => {},
  };
}

/** @param opened the same files opened, whose checksums are compared */
async function hashOf(files: readonly string[], opened: readonly OpenSafetensors[]): Promise<string> {
  const digest = createHash("sha256");
  for (const [i, file] of files.entries()) {
    using handle = await Deno.open(file);
    const checksum = opened[i].verify();
    for await (const part of handle.readable) {
      digest.update(part);
      checksum.take(part);
    }
    checksum.end();
  }
  return digest.digest("hex");
}
