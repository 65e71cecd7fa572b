/** Which images of a benchmark are there: the check that comes before every evaluation. */
import type { ImageFile } from "../clip/images/image_files.ts";
import { decodeImage } from "../clip/images/decode_image.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, type Path } from "../io/path.ts";
import type { BenchmarkPart } from "./benchmark.ts";

/** Which images of a benchmark are there. */
export interface ImageCheck {
  /** Images that are there. */
  found: ImageFile[];
  /** Ids without a file, in the benchmark's order. */
  missing: string[];
  /** Files that cannot be decoded, with the reason; empty unless files were decoded. */
  unreadable: { id: string; reason: string }[];
}

/** Choices of {@linkcode checkImages}. */
export interface CheckImagesOptions {
  /** Whether to decode every file too, which takes as long as reading them all. */
  decode?: boolean;
  /** Called after every image. */
  onProgress?: OnProgress;
}

/**
 * Looks up the image files of all parts, each id once.
 */
export async function checkImages(
  folder: Path,
  parts: readonly BenchmarkPart[],
  { decode = false, onProgress = () => {} }: CheckImagesOptions = {},
): Promise<ImageCheck> {
  const root = filePath(folder);
  const wanted = new Map(parts.flatMap(({ images }) => [...images]));
  const check: ImageCheck = { found: [], missing: [], unreadable: [] };
  const folders = new Map<string, Set<string>>();
  let done = 0;
  for (const [id, { paths, ...shown }] of wanted) {
    let path: string | undefined;
    for (const candidate of paths) if (await isThere(root, candidate, folders)) path ??= `${root}/${candidate}`;
    if (path === undefined) check.missing.push(id);
    else {
      const reason = decode ? await whyUnreadable(path) : undefined;
      if (reason === undefined) check.found.push({ id, path, ...shown });
      else check.unreadable.push({ id, reason });
    }
    onProgress(++done, wanted.size);
  }
  return check;
}

/** Whether a file is there; a folder is listed once, since a hundred thousand single relevance take minutes. */
async function isThere(root: string, path: string, folders: Map<string, Set<string>>): Promise<boolean> {
  const cut = path.lastIndexOf("/"), folder = path.slice(0, Math.max(cut, 0)), name = path.slice(cut + 1);
  let names = folders.get(folder);
  if (!names) {
    names = new Set();
    try {
      for await (const entry of Deno.readDir(`${root}/${folder}`)) if (!entry.isDirectory) names.add(entry.name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    folders.set(folder, names);
  }
  return names.has(name);
}

async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    await decodeImage(await Deno.readFile(path), path);
  } catch (error) {
    return (error as Error).message;
  }
}
