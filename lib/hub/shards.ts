/** The index of weights in shards: which file holds which tensor. */
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFile, readText } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";
import { staysInside } from "./file_names.ts";

/** Name of the file that lists the shards. */
export const shardIndex = "model.safetensors.index.json";

/** Longest name of a shard, folders included, bytes in UTF-8; no disk takes much longer ones. */
const longestName = 200;

/**
 * Reads the index in a folder.
 *
 * @returns the name of each tensor's shard, by the tensor's name; a shard lies in the folder or in one below it
 * @throws {Error} if there is no index, or it is no JSON object with a `weight_map` from tensors to such files
 */
export async function readShardIndex(folder: Path): Promise<Map<string, string>> {
  const file = inFolder(folder, shardIndex), text = await readText("the index of the shards", file);
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}; fetch it again, or name another revision or model.`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fail("it is not JSON");
  }
  const map = isObject(json) ? json.weight_map : undefined;
  if (!isObject(map) || Object.keys(map).length === 0) return fail('it has no "weight_map" from tensors to shards');
  return new Map(
    Object.entries(map).map(([name, shard]) =>
      isShardName(shard) ? [name, shard] : fail(`its tensor ${shown(name)} is mapped to no file in its folder`)
    ),
  );
}

function isShardName(shard: unknown): shard is string {
  return typeof shard === "string" && staysInside(shard) && new TextEncoder().encode(shard).length <= longestName;
}

/** Whether a folder has every shard that its index lists. @throws {Error} as {@linkcode readShardIndex} */
export async function hasAllShards(folder: Path): Promise<boolean> {
  return [...(await readShardIndex(folder)).values()].every((shard) => isFile(inFolder(folder, shard)));
}
