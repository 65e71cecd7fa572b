/** A CLIP as a Hugging Face folder: `config.json`, safetensors, `tokenizer.json`. */
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../formats/atomic_write.ts";
import { type NamedArray, writeSafetensors } from "../formats/safetensors.ts";
import { isFile, openCheckpoint } from "./checkpoint.ts";
import { clipTokenizerJson } from "./clip_tokenizer_json.ts";
import { type ClipConfig, clipConfigJson, parseClipConfig } from "./config.ts";
import { type ClipShapes, clipShapes, textShapes, visionShapes } from "./shapes.ts";
import { makeTokenizer, type Tokenizer } from "./tokenizer.ts";
import { disposeWeights, type Weights } from "./weights.ts";

/** A CLIP in memory. */
export interface Clip {
  config: ClipConfig;
  tokenizer: Tokenizer;
  /** The towers' weights; freed with `disposeWeights`. */
  weights: Weights;
  /** SHA-256 of the weights' file or files, hexadecimal: names these weights in results. */
  hash: string;
}

/** Which part of a CLIP to load. */
export type Towers = "both" | "text" | "image";

/** Buffers that some checkpoints store and no computation needs. */
export const ignoredTensor = /\.position_ids$/;

/**
 * Loads a folder, one tensor at a time.
 *
 * @param towers one tower leaves the other on the disk
 * @throws {Error} if a file is missing or damaged, or a tensor is absent, unknown or of another shape than the
 *   configuration says; nothing stays loaded
 */
export async function loadClip(folder: URL, towers: Towers = "both"): Promise<Clip> {
  const file = (name: string) => new URL(name, folder);
  const config = parseClipConfig(await readJson(file("config.json")), file("config.json").pathname);
  const tokenizer = await loadTokenizer(folder, config);
  const checkpoint = openCheckpoint(folder);
  const weights: Weights = {};
  try {
    checkShapes(checkpoint.shapes, clipShapes(config), checkpoint.path);
    const wanted = { both: clipShapes, text: textShapes, image: visionShapes }[towers](config);
    for (const name of Object.keys(wanted)) {
      const { shape, values } = checkpoint.read(name);
      weights[name] = tf.tensor(values, shape);
    }
    return { config, tokenizer, weights, hash: await checkpoint.hash() };
  } catch (error) {
    disposeWeights(weights);
    throw error;
  } finally {
    checkpoint.close();
  }
}

/** The tokenizer of a folder: `tokenizer.json`, or `vocab.json` with `merges.txt`. */
async function loadTokenizer(folder: URL, config: ClipConfig): Promise<Tokenizer> {
  const single = new URL("tokenizer.json", folder), vocabulary = new URL("vocab.json", folder);
  const [file, json] = isFile(single) || !isFile(vocabulary) ? [single, await readJson(single)] : [
    vocabulary,
    clipTokenizerJson(
      await readJson(vocabulary) as Record<string, number>,
      await readText(new URL("merges.txt", folder)),
      vocabulary.pathname,
    ),
  ];
  return makeTokenizer(json, config.text, file.pathname);
}

/** Writes a folder that {@linkcode loadClip} and Hugging Face's `CLIPModel.from_pretrained` read. */
export async function saveClip(
  folder: URL,
  config: ClipConfig,
  tokenizerJson: object,
  weights: Weights,
  metadata: Record<string, string>,
  floats: "F32" | "F16",
): Promise<void> {
  await writeAtomically(new URL("config.json", folder), JSON.stringify(clipConfigJson(config), null, 2) + "\n");
  await writeAtomically(new URL("tokenizer.json", folder), JSON.stringify(tokenizerJson, null, 1) + "\n");
  const arrays = await readArrays(weights);
  await writeAtomically(
    new URL("model.safetensors", folder),
    writeSafetensors(arrays, { format: "pt", ...metadata }, floats),
  );
}

/** The weights' values, read back from the device. */
export async function readArrays(weights: Weights): Promise<Record<string, NamedArray>> {
  const arrays: Record<string, NamedArray> = {};
  for (const [name, tensor] of Object.entries(weights)) {
    arrays[name] = { shape: tensor.shape, values: await tensor.data() as Float32Array };
  }
  return arrays;
}

/** Compares a checkpoint with what its configuration needs. @throws {Error} naming the first tensor that is off */
export function checkShapes(found: ClipShapes, expected: ClipShapes, file: string): void {
  for (const [name, shape] of Object.entries(expected)) {
    if (!Object.hasOwn(found, name)) {
      throw new Error(`Reading ${file} failed: the tensor "${name}" [${shape}] is missing.`);
    }
    if (found[name].join() !== shape.join()) {
      throw new Error(
        `Reading ${file} failed: the tensor "${name}" is [${found[name]}], config.json asks for [${shape}].`,
      );
    }
  }
  const unknown = Object.keys(found).filter((name) => !Object.hasOwn(expected, name) && !ignoredTensor.test(name));
  if (unknown.length > 0) {
    throw new Error(`Reading ${file} failed: it holds ${unknown.length} unknown tensors, the first "${unknown[0]}".`);
  }
}

async function readJson(file: URL): Promise<object> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Reading ${file.pathname} failed: it is not JSON; fetch or make the file again.`);
  }
}

async function readText(file: URL): Promise<string> {
  if (!isFile(file)) {
    throw new Error(`Reading ${file.pathname} failed: there is no such file; is this a CLIP model's folder?`);
  }
  return await Deno.readTextFile(file);
}

/** SHA-256 of a value as JSON, hexadecimal: the name of what it decides. */
export async function jsonHash(value: unknown): Promise<string> {
  return await sha256(new TextEncoder().encode(JSON.stringify(value)));
}

/** SHA-256, hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}
