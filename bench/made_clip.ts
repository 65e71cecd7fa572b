/** A CLIP of any size with made weights, written once as a folder, with a phi beside it. */
import { type ClipConfig, clipConfigJson } from "../lib/clip/model/config.ts";
import { type ClipShapes, clipShapes } from "../lib/clip/model/shapes.ts";
import { random } from "../lib/tensors/random.ts";
import { towerConfig, type TowerName } from "./towers.ts";
import { vocabularyOf } from "./vocabularies.ts";

/** What is made. */
export interface MadeClipOptions {
  /** The text tower. */
  tower: TowerName;
  /** Whether the image tower has ViT-L/14's true size; by default it is the least there is. */
  largeVision?: boolean;
  /** Folder of the folders (default `.cache/bench`). */
  cache?: string;
}

/**
 * Writes the folder of a made CLIP, if it is not there: untrained weights of the usual standard deviations, and
 * `phi.safetensors` with a hidden width of four times the tower's, as LinCIR's.
 *
 * @returns the folder
 */
export async function madeClip({ tower, largeVision, cache = ".cache/bench" }: MadeClipOptions): Promise<string> {
  const folder = `${cache}/${tower.toLowerCase().replace("/", "-")}${largeVision ? "-whole" : ""}`;
  const config = towerConfig(tower, { largeVision }), json = JSON.stringify(clipConfigJson(config));
  // Written last: a folder that was not finished, or is of other sizes, is made anew.
  if (await Deno.readTextFile(`${folder}/config.json`).catch(() => "") === json) return folder;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/tokenizer.json`, JSON.stringify(await vocabularyOf(tower)));
  await writeMade(`${folder}/phi.safetensors`, phiShapes(config), { method: "made", input: "raw" });
  await writeMade(`${folder}/model.safetensors`, clipShapes(config), { format: "pt" });
  await Deno.writeTextFile(`${folder}/config.json`, json);
  return folder;
}

function phiShapes({ projectionWidth: P, text: { width: D } }: ClipConfig): ClipShapes {
  const layer = (name: string, from: number, to: number) => ({
    [`${name}.weight`]: [to, from],
    [`${name}.bias`]: [to],
  });
  return { ...layer("layers.0", P, 4 * P), ...layer("layers.3", 4 * P, 4 * P), ...layer("layers.6", 4 * P, D) };
}

/** Bytes of the made phi. */
export function phiBytes(config: ClipConfig): number {
  return 4 * Object.values(phiShapes(config)).reduce((sum, shape) => sum + count(shape), 0);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Numbers drawn; larger tensors repeat them, at another place each time. */
const drawn = 1_000_003;

/** Writes made tensors one by one, so that a tower of any size needs no memory. */
async function writeMade(file: string, shapes: ClipShapes, metadata: Record<string, string>): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const end = offset + 4 * count(shape);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header), head = new TextEncoder().encode(text.padEnd(8 * Math.ceil(text.length / 8)));
  using out = await Deno.open(file, { write: true, create: true, truncate: true });
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await out.write(bytes.subarray(at));
  };
  await write(new Uint8Array(new BigUint64Array([BigInt(head.length)]).buffer));
  await write(head);
  const rng = random(1), normal = Float32Array.from({ length: drawn }, () => rng.normal());
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(count(shape));
    if (/norm\d?\.weight$|layrnorm\.weight$/.test(name)) values.fill(1);
    else if (!name.endsWith(".bias")) {
      const standardDeviation = name.includes("embedding") ? 0.02 : (values.length / shape[0]) ** -0.5;
      for (let i = 0; i < values.length; i++) {
        values[i] = standardDeviation * normal[at];
        at = at + 1 === drawn ? 0 : at + 1;
      }
    }
    await write(new Uint8Array(values.buffer));
  }
}
