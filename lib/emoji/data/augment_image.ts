/** Random changes of an image for training, which keep its meaning. */
import type { Random } from "../../tensors/random.ts";
import { emojiSize } from "./images.ts";

const area = emojiSize * emojiSize;

/**
 * Writes an augmented copy of one image into `out`: scaled by 0.92 to 1.12, shifted by up to 8 % of its side, with
 * contrast and brightness changed by less than neighbouring skin tones differ. Pixels from outside the image are white.
 * The image is never flipped, since a caption such as "facing right" would then be false.
 *
 * @param pixels `[32, 32, 3]` bytes
 * @param out `[32, 32, 3]` floats, normalised as by `normaliseImages`
 * @param rng draws the changes
 */
export function augmentImage(pixels: Uint8Array, out: Float32Array, rng: Random): void {
  const side = emojiSize;
  const scale = 0.92 + 0.2 * rng.uniform();
  const shift = () => (rng.uniform() * 2 - 1) * 0.08 * side;
  const centre = (side - 1) / 2, dx = shift(), dy = shift();
  const contrast = 0.92 + 0.16 * rng.uniform(), brightness = (rng.uniform() * 2 - 1) * 0.06;
  const at = (x: number, y: number, c: number) =>
    x < 0 || y < 0 || x >= side || y >= side ? 1 : pixels[(y * side + x) * 3 + c] / 127.5 - 1;
  for (let i = 0; i < area; i++) {
    const x = (i % side - centre) / scale + centre + dx, y = (Math.floor(i / side) - centre) / scale + centre + dy;
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0;
    for (let c = 0; c < 3; c++) {
      const value = (1 - fy) * ((1 - fx) * at(x0, y0, c) + fx * at(x0 + 1, y0, c)) +
        fy * ((1 - fx) * at(x0, y0 + 1, c) + fx * at(x0 + 1, y0 + 1, c));
      out[i * 3 + c] = value * contrast + brightness;
    }
  }
}
