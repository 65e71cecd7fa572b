/** One image of a collection, read once: its state, its hash, and its pixels if they are not known yet. */
import { openImage } from "../clip/images/decode_image.ts";
import type { PixelBudget } from "../clip/images/pixel_budget.ts";
import { fitImage, normaliseImage, type Preprocessing } from "../clip/images/preprocess.ts";
import { sha256 } from "../io/hash.ts";
import type { IndexedFile } from "./index_buckets.ts";

/** An image that was read. */
export interface ReadImage {
  /** Its file as it is now. */
  file: IndexedFile;
  /** `[S, S, 3]` for the image tower; absent if its content was `known`. */
  pixels?: Float32Array;
}

/** A file as the system describes it. */
export interface FileState {
  /** Bytes. */
  size: number;
  /** Time of the last change, milliseconds since 1970. */
  changed: number;
}

/** Bytes of the largest file that is read: it is read whole. */
const mostBytes = 2 ** 29;

/** Returns the state of a file. @throws {Error} if there is none */
export async function fileState(path: string): Promise<FileState> {
  const { size, mtime } = await Deno.stat(path);
  return { size, changed: mtime?.getTime() ?? 0 };
}

/**
 * Reads an image and preprocesses it.
 *
 * @param known hash of the content whose features are there already
 * @throws {Error} if it cannot be read, is no image, is too large or too narrow, or is being written
 */
export async function readIndexedImage(
  { id, path, known }: { id: string; path: string; known?: string },
  { preprocessing, budget }: { preprocessing: Preprocessing; budget: PixelBudget },
): Promise<ReadImage> {
  const before = await fileState(path);
  if (before.size > mostBytes) {
    throw new Error(`Reading ${path} failed: it has ${before.size} bytes, more than the ${mostBytes} that are read.`);
  }
  const bytes = await Deno.readFile(path), after = await fileState(path);
  if (before.size !== after.size || before.changed !== after.changed || bytes.length !== after.size) {
    throw new Error(`Reading ${path} failed: it is being written; index again when it is whole.`);
  }
  const file = { id, ...after, hash: await sha256(bytes) };
  if (file.hash === known) return { file };
  const { width, height, decode } = await openImage(bytes, path);
  return await budget.spend(width * height, async () => {
    const fitted = fitImage(await decode(), preprocessing);
    return { file, pixels: normaliseImage(fitted, preprocessing) };
  });
}
