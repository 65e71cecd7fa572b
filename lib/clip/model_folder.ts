/** A CLIP as a Hugging Face folder: `config.json`, `model.safetensors`, `tokenizer.json`. */
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../formats/atomic_write.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import { type ClipConfig, clipConfigJson, parseClipConfig } from "./config.ts";
import { type ClipShapes, clipShapes } from "./shapes.ts";
import { makeTokenizer, type Tokenizer } from "./tokenizer.ts";
import type { Weights } from "./weights.ts";

/** A CLIP in memory. */
export interface Clip {
  config: ClipConfig;
  tokenizer: Tokenizer;
  /** Both towers' weights; freed with `disposeWeights`. */
  weights: Weights;
  /** SHA-256 of `model.safetensors`, hexadecimal: names these weights in results. */
  hash: string;
}

/**
 * Loads a folder.
 * @throws {Error} if a file is missing or damaged, or a tensor is absent, unknown or of another shape than the
 *   configuration says; nothing stays loaded.
 */
export async function loadClip(folder: URL): Promise<Clip> {
  const file = (name: string) => new URL(name, folder);
  const json = async (name: string) => {
    const text = await readOrExplain(file(name), Deno.readTextFile);
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`Reading ${file(name).pathname} failed: it is not JSON; fetch or make the file again.`);
    }
  };
  const config = parseClipConfig(await json("config.json"), file("config.json").pathname);
  const tokenizer = makeTokenizer(await json("tokenizer.json"), config.text, file("tokenizer.json").pathname);
  const path = file("model.safetensors").pathname;
  const bytes = await readOrExplain(file("model.safetensors"), Deno.readFile);
  const { arrays } = readSafetensors(bytes, path);
  checkShapes(arrays, clipShapes(config), path);
  const weights: Weights = {};
  for (const [name, { shape, values }] of Object.entries(arrays)) weights[name] = tf.tensor(values, shape);
  return { config, tokenizer, weights, hash: await sha256(bytes) };
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

/** Compares a checkpoint with what its configuration needs. @throws {Error} naming the first tensor that is off. */
export function checkShapes(arrays: Record<string, NamedArray>, expected: ClipShapes, file: string): void {
  for (const [name, shape] of Object.entries(expected)) {
    const found = arrays[name];
    if (!found) throw new Error(`Reading ${file} failed: the tensor "${name}" [${shape}] is missing.`);
    if (found.shape.join() !== shape.join()) {
      throw new Error(
        `Reading ${file} failed: the tensor "${name}" is [${found.shape}], config.json asks for [${shape}].`,
      );
    }
  }
  const unknown = Object.keys(arrays).filter((name) => !Object.hasOwn(expected, name));
  if (unknown.length > 0) {
    throw new Error(`Reading ${file} failed: it holds ${unknown.length} unknown tensors, the first "${unknown[0]}".`);
  }
}

async function readOrExplain<T>(file: URL, read: (file: URL) => Promise<T>): Promise<T> {
  try {
    return await read(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Error(`Reading ${file.pathname} failed: there is no such file; is this a CLIP model's folder?`);
    }
    throw error;
  }
}

/** SHA-256, hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}
