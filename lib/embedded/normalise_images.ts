/**
 * Normalises pixels to `(x / 255 - 0.5) / 0.5`, as the embedded models' preprocessing does.
 *
 * @param pixels bytes of any shape
 * @returns as many floats in [-1, 1]
 */
export function normaliseImages(pixels: Uint8Array): Float32Array {
  return Float32Array.from(pixels, (byte) => byte / 127.5 - 1);
}
