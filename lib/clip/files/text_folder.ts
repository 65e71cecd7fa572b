/** A text encoder on its own: written as a Hugging Face folder, read from one or from RTD's released checkpoints. */
import { requireFinite } from "../../io/numbers.ts";
import * as tf from "../../tensors/tf.ts";
import { writeAtomically } from "../../io/atomic_write.ts";
import { filePath, inFolder, type Path } from "../../io/path.ts";
import { isFile, isFolder } from "../../io/read_file.ts";
import { stateDict } from "../../io/torch_checkpoint.ts";
import { saveWeights } from "../../tensors/save_weights.ts";
import { disposeWeights, weight, type Weights } from "../../tensors/weights.ts";
import { textConfigJson } from "../model/config.ts";
import { textShapes } from "../model/shapes.ts";
import { checkShapes } from "./check_shapes.ts";
import type { Clip } from "./model_folder.ts";
import { textTowerSize } from "./text_tower_size.ts";
import { openTorchWeights, openWeightFiles, type WeightFiles } from "./weight_files.ts";

/** A text encoder in memory: the text tower and its projection. */
export interface TextEncoderWeights {
  /** The tensors by name; freed with `disposeWeights`. */
  weights: Weights;
  /** SHA-256 of the `.pt` file, or of the folder's weights' file or files, 64 hexadecimal digits. */
  hash: string;
}

/** What {@linkcode saveTextEncoder} writes. */
export interface SaveTextEncoderOptions {
  /** The CLIP that the text encoder belongs to. */
  clip: Pick<Clip, "config" | "tokenizer">;
  /** The text tower's weights and its projection; others are left out. */
  weights: Weights;
  /**
   * Strings for the header of `model.safetensors`; none by default. With `clip`, the hash of the frozen CLIP's weights,
   * the folder is refused for any other CLIP.
   */
  metadata?: Record<string, string>;
}

/**
 * Writes a folder that `CLIPTextModelWithProjection.from_pretrained` and {@linkcode loadTextEncoder} read.
 *
 * @param folder made if it is missing
 * @throws {Error} if a tensor of the text tower is missing, or the disk refuses
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { loadClip, saveTextEncoder } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder(), { towers: "text" });
 * await saveTextEncoder(await Deno.makeTempDir(), { clip, weights: clip.weights, metadata: { recipe: "none" } });
 * ```
 */
export async function saveTextEncoder(
  folder: Path,
  { clip: { config, tokenizer }, weights, metadata = {} }: SaveTextEncoderOptions,
): Promise<void> {
  const tower = Object.fromEntries(Object.keys(textShapes(config)).map((name) => [name, weight(weights, name)]));
  const json = { architectures: ["CLIPTextModelWithProjection"], ...textConfigJson(config) };
  const write = (name: string, content: string) => writeAtomically(inFolder(folder, name), content);
  await write("config.json", JSON.stringify(json, null, 2) + "\n");
  await write("tokenizer.json", JSON.stringify(tokenizer.json) + "\n");
  const special = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>", pad_token: "<|endoftext|>" };
  const settings = { tokenizer_class: "PreTrainedTokenizerFast", model_max_length: config.text.context, ...special };
  await write("tokenizer_config.json", JSON.stringify(settings, null, 2) + "\n");
  await saveWeights(inFolder(folder, "model.safetensors"), tower, { metadata: { format: "pt", ...metadata } });
}

/**
 * Loads a fine-tuned text encoder for a CLIP: a folder as {@linkcode saveTextEncoder} writes it, or a released `.pt`
 * file with `CLIPTextModelWithProjection` inside.
 *
 * @param clip the CLIP that the text encoder was made for; its `hash` is compared where it has one and the folder names
 *   the CLIP, as those of `saveFineTuned` do (released files do not)
 * @param path the folder, with or without its last slash, or the file
 * @returns the weights, the caller's to dispose, and their hash
 * @throws {Error} if there is nothing at `path`, it names another CLIP or has another one's sizes, a tensor is missing,
 *   unknown or not finite, or the file is damaged; nothing stays loaded
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeTexts, loadClip, loadTextEncoder, saveTextEncoder } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder(), { towers: "text" });
 * const folder = await Deno.makeTempDir();
 * await saveTextEncoder(folder, { clip, weights: clip.weights });
 * const { weights } = await loadTextEncoder(clip, folder);
 * const features = await encodeTexts({ ...clip, weights }, ["red heart"]);
 * console.log(features.shape); // [1, 128]
 * ```
 */
export async function loadTextEncoder(
  clip: Pick<Clip, "config"> & Partial<Pick<Clip, "hash">>,
  path: Path,
): Promise<TextEncoderWeights> {
  const files = await openTextEncoder(clip, path);
  const weights: Weights = {};
  try {
    for (const [name, shape] of Object.entries(textShapes(clip.config))) {
      const { values } = files.read(name);
      requireFinite(values, name, files.path);
      weights[name] = tf.tensor(values, shape);
    }
    return { weights, hash: await files.hash() };
  } catch (error) {
    disposeWeights(weights);
    throw error;
  } finally {
    files.close();
  }
}

/**
 * Checks that a text encoder fits a CLIP, by the headers of its files alone. The numbers are not read: that they are
 * finite, and the file's checksum, {@linkcode loadTextEncoder} checks. (A `.pt` file has no header and is read whole.)
 *
 * @param clip as for {@linkcode loadTextEncoder}; without `hash`, sizes alone are compared
 * @param path a folder or a file, as for {@linkcode loadTextEncoder}
 * @throws {Error} as {@linkcode loadTextEncoder}, but for what only the weights' numbers show
 */
export async function inspectTextEncoder(
  clip: Pick<Clip, "config"> & Partial<Pick<Clip, "hash">>,
  path: Path,
): Promise<void> {
  (await openTextEncoder(clip, path)).close();
}

/** The files of a text encoder, checked and open. */
async function openTextEncoder(
  { config, hash }: Pick<Clip, "config"> & Partial<Pick<Clip, "hash">>,
  path: Path,
): Promise<WeightFiles> {
  const files = isFolder(path) ? await openWeightFiles(path) : await openReleased(filePath(path));
  try {
    const expected = textShapes(config), [theirs, ours] = [files.shapes, expected].map(textTowerSize);
    // Before the tensors are compared one by one: the sizes of another CLIP say more than one tensor's shape.
    if (theirs !== undefined && theirs !== ours) {
      throw new Error(
        `Reading ${files.path} failed: it was made for another CLIP; its text tower has ${theirs}, this CLIP's has ` +
          `${ours}.`,
      );
    }
    checkShapes(files.shapes, expected, files.path);
    const { clip } = files.metadata;
    if (hash !== undefined && clip !== undefined && clip !== hash) {
      throw new Error(
        `Reading ${files.path} failed: it was made for another CLIP; it names one whose weights have the SHA-256 ${clip}, ` +
          `this CLIP's have ${hash}; name the CLIP that was fine-tuned.`,
      );
    }
  } catch (error) {
    files.close();
    throw error;
  }
  return files;
}

/** A text encoder as the authors of RTD released it. */
async function openReleased(file: string): Promise<WeightFiles> {
  if (!isFile(file)) {
    throw new Error(`Reading ${file} failed: there is no such file or folder; is this the text encoder's path?`);
  }
  const key = "CLIPTextModelWithProjection";
  return await openTorchWeights(file, (checkpoint) => stateDict(checkpoint, key), `it has no "${key}"`);
}
