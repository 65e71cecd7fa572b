/** The index of weights in shards. */
import { isFile, readText } from "../io/read_file.ts";
import { inFolder, type Path } from "../io/path.ts";

/** Name of the file that lists the shards. */
export const shardIndex = "model.safetensors.index.json";

/**
 * Returns the names of the shards that the index in a folder lists, each once.
 *
 * @throws {Error} if there is no index, or it is no JSON object with a `weight_map` from tensors to files
 */
export async function shardsOf(folder: Path): Promise<string[]> {
  const file = inFolder(folder, shardIndex), text = await readText("the index of the shards", file);
  const shards = shardNames(text);
  if (shards === undefined) {
    throw new Error(
      `Reading ${file} failed: it has no "weight_map" from tensors to shards; name another revision or model.`,
    );
  }
  return shards;
}

function shardNames(text: string): string[] | undefined {
  try {
    const shards = new Set(Object.values(JSON.parse(text).weight_map as Record<string, unknown>));
    const names = [...shards].filter((shard) => typeof shard === "string");
    return names.length > 0 && names.length === shards.size ? names : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a folder has every shard that its index lists. @throws {Error} as {@linkcode shardsOf} */
export async function hasAllShards(folder: Path): Promise<boolean> {
  return (await shardsOf(folder)).every((shard) => isFile(inFolder(folder, shard)));
}
