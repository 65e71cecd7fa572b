/** Checks which image files of a benchmark exist, before an evaluation starts. */
import type { ImageFile, ImageSource } from "../clip/images/image_files.ts";
import { openImage } from "../clip/images/decode_image.ts";
import { checkRegion } from "../clip/images/region.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, type Path } from "../io/path.ts";
import type { BenchmarkPart } from "./benchmark.ts";

/** The images of a benchmark that exist, are missing, or cannot be decoded. */
export interface ImageCheck {
  /** Images whose file exists and, if files were decoded, can be decoded. */
  found: ImageFile[];
  /** Ids of images without a file, in the benchmark's order. */
  missing: string[];
  /** Files that cannot be decoded, or whose part lies outside, with the reason; empty unless files were decoded. */
  unreadable: { id: string; reason: string }[];
}

/** Options of {@linkcode checkImages}. */
export interface CheckImagesOptions {
  /** Whether to decode every file, which takes as long as reading all images; false by default. */
  decode?: boolean;
  /** Called after every image, with the number checked so far and their total. */
  onProgress?: OnProgress;
}

/**
 * Looks up the image files of all parts, each id once.
 *
 * @param folder the root folder of the benchmark
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
  for (const [id, { paths, ...region }] of wanted) {
    let path: string | undefined;
    for (const candidate of paths) if (await exists(root, candidate, folders)) path ??= `${root}/${candidate}`;
    if (path === undefined) check.missing.push(id);
    else {
      const reason = decode ? await whyUnreadable({ path, ...region }) : undefined;
      if (reason === undefined) check.found.push({ id, path, ...region });
      else check.unreadable.push({ id, reason });
    }
    onProgress(++done, wanted.size);
  }
  return check;
}

/** Returns whether a file exists. Each folder is listed once, since a hundred thousand single look-ups take minutes. */
async function exists(root: string, path: string, folders: Map<string, Set<string>>): Promise<boolean> {
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

async function whyUnreadable({ path, ...region }: ImageSource): Promise<string | undefined> {
  try {
    const { width, height, decode } = await openImage(await Deno.readFile(path), path);
    checkRegion(region, [width, height], `Reading ${path} failed: the image`);
    await decode();
  } catch (error) {
    return (error as Error).message;
  }
}
