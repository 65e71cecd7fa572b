/** A CLIP as a Hugging Face folder: configuration, tokenizer, preprocessing and weights. */
import { requireFinite } from "../../io/numbers.ts";
import * as tf from "../../tensors/tf.ts";
import { writeAtomically } from "../../io/atomic_write.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { saveWeights } from "../../tensors/save_weights.ts";
import { disposeWeights, type Weights } from "../../tensors/weights.ts";
import type { Preprocessing } from "../images/preprocess.ts";
import { type ClipConfig, clipConfigJson, parseClipConfig } from "../model/config.ts";
import { clipShapes, textShapes, visionShapes } from "../model/shapes.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import { clipIdentity } from "./clip_identity.ts";
import { checkLayers, checkShapes } from "./check_shapes.ts";
import { readFolderJson } from "./folder_file.ts";
import { loadTokenizer } from "./load_tokenizer.ts";
import { loadPreprocessing, preprocessingJson } from "./preprocessor_config.ts";
import { openWeightFiles, type WeightFiles } from "./weight_files.ts";

/** A CLIP in memory. */
export interface Clip {
  /** Sizes of both towers and of the shared embedding. */
  config: ClipConfig;
  /** The model's own tokenizer, bound to its context. */
  tokenizer: Tokenizer;
  /** The tensors of the loaded towers by name; freed with `disposeWeights`. */
  weights: Weights;
  /** How an image becomes the pixels that the image tower reads; `changePreprocessing` changes it. */
  preprocessing: Preprocessing;
  /** SHA-256 of the weights' file or files, 64 hexadecimal digits: names these weights in results. */
  hash: string;
  /**
   * SHA-256 over weights, configuration, tokenizer and preprocessing: checkpoints and cached runs are bound to it. It
   * is not recomputed when a field is replaced by hand; `changePreprocessing` recomputes it.
   */
  identity: string;
}

/** Which towers of a CLIP to load. */
export type Towers = "both" | "text" | "image";

/** Options of {@linkcode loadClip}. */
export interface LoadClipOptions {
  /** Which towers to load (default `"both"`); the other is left on disk. */
  towers?: Towers;
}

/** The parts of a CLIP that {@linkcode saveClip} writes, and how; a loaded {@linkcode Clip} has what is needed. */
export interface SaveClipOptions {
  /** Sizes of both towers and of the shared embedding. */
  config: ClipConfig;
  /** The tokenizer, of which the `tokenizer.json` is written. */
  tokenizer: Pick<Tokenizer, "json">;
  /** The tensors of both towers by name. */
  weights: Weights;
  /** Written as `preprocessor_config.json`, without `targetPad`; absent, no such file is written. */
  preprocessing?: Preprocessing;
  /** Strings for the header of `model.safetensors` (default none). */
  metadata?: Record<string, string>;
  /** How the weights are stored (default `"F32"`); `"F16"` halves the file. */
  floats?: "F32" | "F16";
}

/**
 * Loads a CLIP from a Hugging Face folder, one tensor at a time: `config.json`; `tokenizer.json`, or `vocab.json` with
 * `merges.txt`; `preprocessor_config.json` if it is there; and `model.safetensors`, its shards, or `pytorch_model.bin`.
 *
 * @param folder with or without its last slash
 * @returns the CLIP; its weights are the caller's to dispose
 * @throws {Error} if a file is missing or damaged, or a tensor is absent, unknown, not finite or of another shape
 *   than the configuration says; nothing stays loaded
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { loadClip } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder());
 * console.log(clip.config.projectionWidth); // 128
 * ```
 */
export async function loadClip(folder: Path, { towers = "both" }: LoadClipOptions = {}): Promise<Clip> {
  const { config, tokenizer, preprocessing, files } = await openClip(folder);
  const weights: Weights = {};
  try {
    const wanted = { both: clipShapes, text: textShapes, image: visionShapes }[towers](config);
    for (const name of Object.keys(wanted)) {
      const { shape, values } = files.read(name);
      requireFinite(values, name, files.path);
      weights[name] = tf.tensor(values, shape);
    }
    const hash = await files.hash();
    const identity = await clipIdentity({ config, tokenizer, preprocessing, hash });
    return { config, tokenizer, weights, preprocessing, hash, identity };
  } catch (error) {
    disposeWeights(weights);
    throw error;
  } finally {
    files.close();
  }
}

/**
 * Reads everything of a CLIP but its weights, and checks the shapes of all tensors in the headers of the weight files,
 * which is cheap. The numbers are not read: that they are finite, and the file's checksum, {@linkcode loadClip} checks.
 * (A `pytorch_model.bin` has no header and is read whole.)
 *
 * @param folder with or without its last slash
 * @throws {Error} as {@linkcode loadClip}, but for what only the weights' numbers show
 */
export async function inspectClip(folder: Path): Promise<Pick<Clip, "config" | "tokenizer" | "preprocessing">> {
  const { files, ...parts } = await openClip(folder);
  files.close();
  return parts;
}

/**
 * Reads everything of a CLIP but its weights, and its identity, for which the weight files are read once.
 *
 * @param folder with or without its last slash
 * @throws {Error} as {@linkcode inspectClip}, or if a weight file is damaged
 */
export async function identifyClip(
  folder: Path,
): Promise<Omit<Clip, "weights"> & { /** Number of parameters of both towers. */ parameters: number }> {
  const { files, ...parts } = await openClip(folder);
  try {
    const hash = await files.hash();
    const shapes = Object.keys(clipShapes(parts.config)).map((name) => files.shapes[name]);
    const parameters = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
    return { ...parts, hash, identity: await clipIdentity({ ...parts, hash }), parameters };
  } finally {
    files.close();
  }
}

/** Everything of a CLIP but its weights, and the weight files, checked and open. */
async function openClip(
  folder: Path,
): Promise<Pick<Clip, "config" | "tokenizer" | "preprocessing"> & { files: WeightFiles }> {
  const file = inFolder(folder, "config.json");
  const config = parseClipConfig(await readFolderJson(file), file);
  const tokenizer = await loadTokenizer(folder, config.text);
  const preprocessing = await loadPreprocessing(folder, config.vision.imageSize);
  const files = await openWeightFiles(folder);
  try {
    checkLayers(files.shapes, config, files.path);
    checkShapes(files.shapes, clipShapes(config), files.path);
  } catch (error) {
    files.close();
    throw error;
  }
  return { config, tokenizer, preprocessing, files };
}

/**
 * Writes a folder that {@linkcode loadClip} and Hugging Face's `CLIPModel.from_pretrained` read.
 *
 * @param folder made if it is missing
 * @throws {Error} if the disk refuses
 */
export async function saveClip(
  folder: Path,
  { config, tokenizer, weights, preprocessing, metadata = {}, floats = "F32" }: SaveClipOptions,
): Promise<void> {
  const write = (name: string, content: string) => writeAtomically(inFolder(folder, name), content);
  await write("config.json", JSON.stringify(clipConfigJson(config), null, 2) + "\n");
  await write("tokenizer.json", JSON.stringify(tokenizer.json, null, 1) + "\n");
  if (preprocessing) {
    await write("preprocessor_config.json", JSON.stringify(preprocessingJson(preprocessing), null, 2) + "\n");
  }
  await saveWeights(inFolder(folder, "model.safetensors"), weights, {
    metadata: { format: "pt", ...metadata },
    floats,
  });
}
