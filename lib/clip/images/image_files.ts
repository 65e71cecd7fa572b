/** Image files: which there are in a folder, and how they become the pixels that an image tower reads. */
import { filePath, inFolder, type Path } from "../../io/path.ts";
import { isFolder } from "../../io/read_file.ts";
import type { Clip } from "../files/model_folder.ts";
import { openImage } from "./decode_image.ts";
import { pixelBudget } from "./pixel_budget.ts";
import type { Outline } from "./outline.ts";
import { cutOut, fitImage, maskOutline, normaliseImage } from "./preprocess.ts";
import { readImageFile } from "./read_image_file.ts";
import { type Box, checkRegion } from "./region.ts";

/** Images read at once, and the most pixels of those that are decoded at once; a larger image is decoded alone. */
const filesAtOnce = 8, pixelsAtOnce = 2 ** 25;

/** An image on disk, or a part of it. */
export interface ImageSource {
  /** The file's plain path. */
  path: string;
  /** The part of the image to read (default: all of it), in whole pixels unless it is dilated. */
  crop?: Box;
  /**
   * Reads the surroundings of the box too, as GeneCIS does (0.7 there): left and top move by this share of width and
   * height, the sides become (1 + dilation) times as long, both clamped to the image, and the part is padded with black
   * to a square. Absent (the default): the box is read as it is. 0 or more.
   */
  dilation?: number;
  /** The outline of an object of the whole image; what it does not cover becomes white, as in Pic2Word. */
  outline?: Outline;
  /**
   * Resizes both sides to the size that the model reads, whatever the shape of the image or its part, instead of the
   * shorter one with a crop of the centre (Pic2Word's COCO queries). Then `targetPad` finds nothing to do.
   */
  squash?: boolean;
}

/** An image on disk with the name that it has in results. */
export interface ImageFile extends ImageSource {
  /** The image's name in results, unique among the images that are encoded together. */
  id: string;
}

/**
 * Reads and preprocesses images, several at a time.
 *
 * @param clip the CLIP that is to read them
 * @param files paths, or images with a part to cut out
 * @returns `[N, S, S, 3]` floats for `encodeImages`
 * @throws {Error} if an image cannot be read, is too large or too narrow, or its box or outline is not one, naming it
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeImages, loadClip, readImages } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await Deno.writeFile(path, Uint8Array.fromBase64(png));
 *
 * const clip = await loadClip(embeddedModelFolder(), { towers: "image" });
 * const features = await encodeImages(clip, await readImages(clip, [path]));
 * console.log(features.shape); // [1, 128]
 * ```
 */
export async function readImages(
  clip: Pick<Clip, "preprocessing">,
  files: readonly (Path | ImageSource)[],
): Promise<Float32Array> {
  const { preprocessing } = clip;
  const length = preprocessing.size ** 2 * 3, budget = pixelBudget(pixelsAtOnce);
  const out = new Float32Array(files.length * length);
  for (let from = 0; from < files.length; from += filesAtOnce) {
    await Promise.all(
      files.slice(from, from + filesAtOnce).map(async (file, i) => {
        const { path, crop, dilation, outline, squash } = sourceOf(file);
        const { width, height, decode } = await openImage(await readImageFile(path), path);
        const part = checkRegion({ crop, dilation, outline }, [width, height], `Reading ${path} failed: the image`);
        const pixels = width * height + (part ? part[2] * part[3] : 0);
        await budget.spend(pixels, async () => {
          let image = await decode();
          if (outline) image = maskOutline(image, outline);
          if (part) image = cutOut(image, part);
          const fitted = fitImage(image, { ...preprocessing, square: dilation !== undefined, squash });
          out.set(normaliseImage(fitted, preprocessing), (from + i) * length);
        });
      }),
    );
  }
  return out;
}

function sourceOf(file: Path | ImageSource): ImageSource {
  return typeof file === "string" || file instanceof URL ? { path: filePath(file) } : file;
}

const imageName = /\.(jpe?g|png|webp|gif|bmp|tiff?|avif)$/i;

/** How {@linkcode imageFilesIn} looks. */
export interface ImageFilesInOptions {
  /** Called with a subfolder that may not be read, which is then left out (default: that is an error). */
  onUnreadable?: (id: string, error: unknown) => void;
}

/**
 * Lists the images of a folder and its subfolders, sorted by id; the id is the path within the folder, with slashes.
 * Links to folders are followed, unless the folder that a link leads to was listed already.
 *
 * @param folder with or without its last slash
 * @throws {Error} if there is no such folder, or no image in it
 */
export async function imageFilesIn(
  folder: Path,
  { onUnreadable }: ImageFilesInOptions = {},
): Promise<ImageFile[]> {
  const files: ImageFile[] = [], listed = new Set<string>(), linked: string[] = [];
  async function walk(inside: string): Promise<void> {
    // A link can lead back to a folder above it; a folder's real path tells.
    const real = await Deno.realPath(inFolder(folder, inside));
    if (listed.has(real)) return;
    listed.add(real);
    const entries = await sortedEntries(inFolder(folder, inside)).catch((error) => {
      if (!onUnreadable || inside === "") throw error;
      onUnreadable(inside, error);
      return [];
    });
    for (const { name, isDirectory, isSymlink } of entries) {
      const id = inside === "" ? name : `${inside}/${name}`, path = inFolder(folder, id);
      if (isSymlink && leadsToFolder(path)) linked.push(id);
      else if (isDirectory) await walk(id);
      else if (imageName.test(name)) files.push({ id, path });
    }
  }
  try {
    await walk("");
    // Links come last, so that an image has the name that its folder has without them.
    for (let id = linked.shift(); id !== undefined; id = linked.shift()) await walk(id);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.NotADirectory)) throw error;
    throw new Error(`Looking for images failed: there is no folder ${filePath(folder)}.`);
  }
  if (files.length === 0) {
    throw new Error(
      `Looking for images failed: ${filePath(folder)} holds none (JPEG, PNG, WebP, GIF, TIFF, AVIF).`,
    );
  }
  return files.sort((a, b) => a.id < b.id ? -1 : 1);
}

function leadsToFolder(link: string): boolean {
  try {
    return isFolder(link);
  } catch {
    // A link to itself, or into a folder that may not be read, is listed as a file if it has an image's name.
    return false;
  }
}

async function sortedEntries(folder: string): Promise<Deno.DirEntry[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
}
