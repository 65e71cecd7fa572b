/** The image decoder `sharp`, a native module: it is loaded when the first image is read, not when the library is. */
import type { default as sharp, Sharp } from "npm:sharp@0.35.5";

export type { Sharp };

/**
 * Loads `sharp`; further calls return the same module.
 *
 * @returns the function `sharp`, https://sharp.pixelplumbing.com
 * @throws {Error} if its native library cannot be loaded on this machine
 */
export async function loadSharp(): Promise<typeof sharp> {
  return (await import("npm:sharp@0.35.5")).default;
}
