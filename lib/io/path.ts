/** Paths as callers give them, a plain string or a URL, turned into the plain strings that the library works with. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A path on disk: a plain string, or a `file:` URL such as `new URL("model/", import.meta.url)`. */
export type Path = string | URL;

/**
 * The plain string of a path; spaces, `%` and `#` in names are kept as they are.
 *
 * @throws {Error} if it is an address on the network, which has to be downloaded first
 */
export function filePath(path: Path): string {
  const address = path instanceof URL ? path : /^[a-z]{2,}:\/\//i.test(path) ? new URL(path) : undefined;
  if (address === undefined) return path as string;
  if (address.protocol === "file:") return fileURLToPath(address);
  throw new Error(`Opening ${address.href} failed: files must be on disk, download them first.`);
}

/**
 * The plain path of something inside a folder.
 *
 * @param folder with or without its last slash
 * @param names plain names, one a level; they are not URL-encoded
 * @throws {Error} as {@linkcode filePath}
 */
export function inFolder(folder: Path, ...names: string[]): string {
  return join(filePath(folder), ...names);
}
