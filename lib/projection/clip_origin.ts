/** Whether a file of ours was made for the CLIP that it is read for. */
import type { Clip } from "../clip/files/model_folder.ts";

/** What is known of a CLIP when a file is read for it; without a hash only the widths can be compared. */
export type FileClip = Pick<Clip, "config"> & Partial<Pick<Clip, "hash">>;

/**
 * Compares the CLIP that a file names with the one it is read for, by the hash of the weights. Files that the methods'
 * authors released name none.
 *
 * @throws {Error} if the file names another CLIP
 */
export function requireOrigin(
  { clip: made }: Record<string, unknown>,
  { hash }: FileClip,
  path: string,
): void {
  if (hash === undefined || typeof made !== "string" || made === hash) return;
  throw new Error(
    `Reading ${path} failed: it was made for the CLIP ${made.slice(0, 16)}, this CLIP is ${
      hash.slice(0, 16)
    } (SHA-256 of ` +
      "the weights); load the CLIP it was made for.",
  );
}
