/** A model's preprocessing as Hugging Face's `preprocessor_config.json`, read and written. */
import { isObject } from "../../io/json_values.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { isFile } from "../../io/read_file.ts";
import { shown } from "../../io/shown.ts";
import { clipPreprocessing, type Preprocessing } from "../images/preprocess.ts";
import { readFolderJson } from "./folder_file.ts";

/**
 * Loads the preprocessing of a model's folder; that of OpenAI's CLIPs if the folder has no `preprocessor_config.json`.
 *
 * @param imageSize side of the image that the model reads, pixels
 * @throws {Error} as {@linkcode parsePreprocessing}, and if it makes images of another size
 */
export async function loadPreprocessing(folder: Path, imageSize: number): Promise<Preprocessing> {
  const file = inFolder(folder, "preprocessor_config.json");
  if (!isFile(file)) return clipPreprocessing(imageSize);
  const preprocessing = parsePreprocessing(await readFolderJson(file), file);
  if (preprocessing.size !== imageSize) {
    throw new Error(`Reading ${file} failed: it makes ${preprocessing.size} pixels, the model reads ${imageSize}.`);
  }
  return preprocessing;
}

/**
 * Reads a parsed `preprocessor_config.json`.
 *
 * @param file its name, for error messages
 * @throws {Error} if it needs something that is not implemented here, such as another resampling
 */
export function parsePreprocessing(json: unknown, file: string): Preprocessing {
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}.`);
  };
  const fields = isObject(json) ? json : fail("it is not an object");
  // Sizes are a number in older files, an object in newer ones.
  const side = (value: unknown, ...keys: string[]) => {
    const sides = typeof value === "object" && value !== null ? keys.map((key) => Reflect.get(value, key)) : [value];
    return sides.find((found) => found !== undefined);
  };
  const size = side(fields.size, "shortest_edge", "height"), crop = side(fields.crop_size, "height", "shortest_edge");
  if (!Number.isInteger(size) || (size as number) < 1 || size !== (crop ?? size)) {
    fail(`it resizes to ${shown(size)} and crops to ${shown(crop)}, expected one size`);
  }
  if ((fields.resample ?? 3) !== 3) fail(`its resampling is ${shown(fields.resample)}, expected 3 (bicubic)`);
  for (const step of ["do_resize", "do_center_crop", "do_rescale", "do_normalize"]) {
    if ((fields[step] ?? true) !== true) fail(`${step} is ${shown(fields[step])}, expected true`);
  }
  const factor = fields.rescale_factor ?? 1 / 255;
  if (typeof factor !== "number" || !(Math.abs(factor * 255 - 1) < 1e-6)) {
    fail(`rescale_factor is ${shown(factor)}, expected 1/255`);
  }
  const triple = (name: string, standard: [number, number, number]): [number, number, number] => {
    const value = fields[name] ?? standard;
    return Array.isArray(value) && value.length === 3 && value.every((x) => typeof x === "number" && Number.isFinite(x))
      ? value as [number, number, number]
      : fail(`${name} is ${shown(value)}, expected three numbers`);
  };
  const standard = clipPreprocessing(size as number);
  const standardDeviation = triple("image_std", standard.standardDeviation);
  if (!standardDeviation.every((x) => x > 0)) fail(`image_std is [${standardDeviation}], expected numbers above 0`);
  return {
    size: size as number,
    mean: triple("image_mean", standard.mean),
    standardDeviation,
  };
}

/** The `preprocessor_config.json` that {@linkcode parsePreprocessing} reads back; `targetPad` is not part of it. */
export function preprocessingJson({ size, mean, standardDeviation }: Preprocessing): Record<string, unknown> {
  return {
    image_processor_type: "CLIPImageProcessor",
    size: { shortest_edge: size },
    crop_size: { height: size, width: size },
    image_mean: mean,
    image_std: standardDeviation,
  };
}
