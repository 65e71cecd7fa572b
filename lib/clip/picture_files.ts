/** Picture files as the image tower reads them. */
import {
  clipPreprocessing,
  decodePicture,
  fitPicture,
  normalisePicture,
  parsePreprocessing,
  type Preprocessing,
} from "./preprocess.ts";

/** The preprocessing of a model's folder; CLIP's own where the folder does not say. */
export async function loadPreprocessing(folder: URL, imageSize: number): Promise<Preprocessing> {
  const file = new URL("preprocessor_config.json", folder);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return clipPreprocessing(imageSize);
    throw error;
  }
  const preprocessing = parsePreprocessing(JSON.parse(text), file.pathname);
  if (preprocessing.size !== imageSize) {
    throw new Error(
      `Reading ${file.pathname} failed: it makes ${preprocessing.size} pixels, the model reads ${imageSize}.`,
    );
  }
  return preprocessing;
}

/**
 * Reads pictures, several at a time.
 * @returns `[N, size, size, 3]` floats for `encodePictures`
 * @throws {Error} if one cannot be read, naming it
 */
export async function readPictures(paths: readonly string[], preprocessing: Preprocessing): Promise<Float32Array> {
  const length = preprocessing.size ** 2 * 3, together = 8;
  const out = new Float32Array(paths.length * length);
  for (let from = 0; from < paths.length; from += together) {
    await Promise.all(
      paths.slice(from, from + together).map(async (path, i) => {
        const picture = await decodePicture(await Deno.readFile(path), path);
        out.set(normalisePicture(fitPicture(picture, preprocessing), preprocessing), (from + i) * length);
      }),
    );
  }
  return out;
}
