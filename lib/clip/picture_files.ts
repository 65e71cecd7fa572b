/** Picture files as the image tower reads them. */
import {
  type Box,
  clipPreprocessing,
  cutOut,
  decodePicture,
  fitPicture,
  maskOutline,
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
export async function readPictures(
  files: readonly (string | Omit<PictureFile, "id">)[],
  preprocessing: Preprocessing,
): Promise<Float32Array> {
  const length = preprocessing.size ** 2 * 3, together = 8;
  const out = new Float32Array(files.length * length);
  for (let from = 0; from < files.length; from += together) {
    await Promise.all(
      files.slice(from, from + together).map(async (file, i) => {
        const { path, crop, outline }: Omit<PictureFile, "id"> = typeof file === "string" ? { path: file } : file;
        let picture = await decodePicture(await Deno.readFile(path), path);
        if (outline) picture = maskOutline(picture, outline);
        if (crop) picture = cutOut(picture, crop);
        out.set(normalisePicture(fitPicture(picture, preprocessing), preprocessing), (from + i) * length);
      }),
    );
  }
  return out;
}

/** A picture with the name that it has in results. */
export interface PictureFile {
  id: string;
  path: string;
  /** The part that is shown; absent: all of it. */
  crop?: Box;
  /** Polygons in pixels of the whole picture; what is outside is black. */
  outline?: readonly (readonly number[])[];
}

const pictureName = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif)$/i;

/**
 * The pictures of a folder and its subfolders, by name; the id is the path within the folder.
 * @throws {Error} if there is no such folder, or no picture in it
 */
export async function pictureFilesIn(folder: string): Promise<PictureFile[]> {
  const root = folder.replace(/\/+$/, "");
  const files: PictureFile[] = [];
  async function walk(inside: string): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(inside === "" ? root : `${root}/${inside}`)) {
      const id = inside === "" ? name : `${inside}/${name}`;
      if (isDirectory) await walk(id);
      else if (pictureName.test(name)) files.push({ id, path: `${root}/${id}` });
    }
  }
  try {
    await walk("");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.NotADirectory)) throw error;
    throw new Error(`Looking for pictures failed: there is no folder ${folder}.`);
  }
  if (files.length === 0) {
    throw new Error(`Looking for pictures failed: ${folder} holds none (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF).`);
  }
  return files.sort((a, b) => a.id < b.id ? -1 : 1);
}
