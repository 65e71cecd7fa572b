/** Which pictures of a benchmark are there: the check that comes before every evaluation. */
import type { PictureFile } from "../clip/picture_files.ts";
import { decodePicture } from "../clip/preprocess.ts";
import type { BenchmarkPart } from "./benchmark.ts";

/** What was found. */
export interface PictureCheck {
  found: PictureFile[];
  /** Ids without a file, in the benchmark's order. */
  missing: string[];
  /** Files that cannot be decoded, with the reason; looked for only if asked to. */
  unreadable: { id: string; reason: string }[];
}

/**
 * Looks for the pictures of all parts, each id once.
 *
 * @param decode opens every file too, which takes as long as reading them all
 */
export async function checkPictures(
  root: string,
  parts: readonly BenchmarkPart[],
  { decode = false, onChecked = () => {} }: { decode?: boolean; onChecked?: (done: number, total: number) => void } =
    {},
): Promise<PictureCheck> {
  const wanted = new Map(parts.flatMap(({ pictures }) => [...pictures]));
  const check: PictureCheck = { found: [], missing: [], unreadable: [] };
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
    onChecked(++done, wanted.size);
  }
  return check;
}

/** Whether a file is there; a folder is listed once, since a hundred thousand single questions take minutes. */
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
    await decodePicture(await Deno.readFile(path), path);
  } catch (error) {
    return (error as Error).message;
  }
}
