/** Draws a scene: its things on a board of 4 x 4 cells, each in a cell of its own, on its background. */
import type { Random } from "../../tensors/random.ts";
import type { Background, Scene, Side } from "./scene.ts";
import type { Sprite, SpriteSet } from "./sprites.ts";

/** Width and height of an image, pixels. */
export const sceneSize = 64;

/** Cells of a row and of a column, and the side of a cell, pixels. */
const board = 4, cell = sceneSize / board;

/** Largest shift of a thing from the middle of its cell, pixels. */
const shift = 1;

/** The main colour of each background, and of its stripes or dots. */
const colours: Record<Background, readonly (readonly [number, number, number])[]> = {
  blue: [[140, 180, 235]],
  green: [[150, 215, 150]],
  yellow: [[245, 230, 130]],
  pink: [[245, 180, 205]],
  striped: [[235, 235, 235], [185, 185, 190]],
  dotted: [[240, 238, 230], [170, 160, 150]],
};

/** Largest change of a background's colour, of 255. */
const jitter = 12;

/**
 * Draws one rendering of a scene into `out`. Where things lie within what the scene allows, shades and brightness are
 * drawn anew each time.
 *
 * @param out `[64, 64, 3]` bytes, red, green, blue
 * @param rng draws what the scene leaves open
 */
export function drawScene({ groups, background, side }: Scene, { sprites }: SpriteSet, out: Uint8Array, rng: Random) {
  const image = new Float32Array(sceneSize * sceneSize * 3);
  fill(image, background, rng);
  const cells = rng.shuffle([...Array(board * board).keys()]);
  groups.forEach(({ kind, count, size }, i) => {
    for (let left = count; left > 0; left--) {
      const at = cells.splice(cells.findIndex((one) => side === undefined || onSide(one, side) === (i === 0)), 1)[0];
      const choice = sprites[kind][size], sprite = choice[rng.int(choice.length)];
      const place = (index: number, length: number) =>
        Math.min(
          sceneSize - length,
          Math.max(0, Math.round((index + 0.5) * cell - length / 2) + rng.int(2 * shift + 1) - shift),
        );
      blend(image, sprite, place(at % board, sprite.width), place(Math.floor(at / board), sprite.height));
    }
  });
  const brightness = 0.9 + 0.2 * rng.uniform();
  for (let i = 0; i < image.length; i++) out[i] = Math.max(0, Math.min(255, Math.round(image[i] * brightness)));
}

/** Whether a cell lies in the half of the board that a side names. */
function onSide(at: number, side: Side): boolean {
  const [x, y] = [at % board, Math.floor(at / board)], half = board / 2;
  switch (side) {
    case "left":
      return x < half;
    case "right":
      return x >= half;
    case "above":
      return y < half;
    case "below":
      return y >= half;
  }
}

/** Fills an image with a background; stripes and dots begin anywhere. */
function fill(image: Float32Array, background: Background, rng: Random): void {
  const shades = colours[background].map((colour) => colour.map((value) => value + (2 * rng.uniform() - 1) * jitter));
  const phaseX = rng.int(8), phaseY = rng.int(8);
  for (let y = 0; y < sceneSize; y++) {
    for (let x = 0; x < sceneSize; x++) {
      const [u, v] = [(x + phaseX) % 8, (y + phaseY) % 8];
      const second = background === "striped" ? (u + v) % 8 < 3 : background === "dotted" && u < 3 && v < 3;
      image.set(shades[second ? 1 : 0], (y * sceneSize + x) * 3);
    }
  }
}

/** Lays a sprite over an image. */
function blend(image: Float32Array, { width, height, pixels }: Sprite, left: number, top: number): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4, to = ((top + y) * sceneSize + left + x) * 3;
      const below = 1 - pixels[from + 3] / 255;
      for (let c = 0; c < 3; c++) image[to + c] = pixels[from + c] + below * image[to + c];
    }
  }
}
