/** Sprites: the drawings of the kinds, cut to what is drawn and scaled down to the sizes in which scenes show them. */
import { type ImageStyle, loadIcons } from "../../embedded/icons.ts";
import { rasterise, startRasteriser } from "../../io/rasterise_svg.ts";
import { kinds } from "./kinds.ts";
import { type Size, sizes } from "./scene.ts";

/** A drawing of a kind as pixels. */
export interface Sprite {
  /** Pixels of a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** `[height, width, 4]` numbers from 0 to 255: red, green, blue, multiplied by alpha, and alpha. */
  pixels: Float32Array;
}

/** The sprites of a style. */
export interface SpriteSet {
  /** The style of drawings. */
  style: ImageStyle;
  /** Name and version of the package, its licence and author. */
  source: string;
  /** For each kind, by index, its sprites of each size. */
  sprites: readonly Record<Size, readonly Sprite[]>[];
}

/** The longer sides in which a sprite of each size is drawn, pixels. */
const sides: Record<Size, readonly number[]> = { small: [9, 10], large: [15, 16] };

/** Side of the drawing that sprites are made from, pixels. */
const drawn = 128;

/**
 * Draws the sprites of a style.
 *
 * @param onDrawn called with the number of kinds done
 * @throws {Error} if the package cannot be read, or lacks a kind
 */
export async function loadSprites(
  style: ImageStyle,
  onDrawn: (done: number) => void = () => {},
): Promise<SpriteSet> {
  await startRasteriser();
  const icons = await loadIcons(style);
  const sprites = kinds.map(({ code }, i) => {
    const whole = cut({
      width: drawn,
      height: drawn,
      pixels: Float32Array.from(rasterise(icons.svg(code, drawn), "transparent")),
    });
    onDrawn(i + 1);
    return Object.fromEntries(
      sizes.map((size) => [size, sides[size].map((side) => scaled(whole, side))]),
    ) as Record<Size, Sprite[]>;
  });
  return { style, source: icons.source, sprites };
}

/** Cuts a sprite to the box of its pixels that are not transparent. */
function cut({ width, height, pixels }: Sprite): Sprite {
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[(y * width + x) * 4 + 3] === 0) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    }
  }
  const box = new Float32Array((right - left) * (bottom - top) * 4);
  for (let y = top; y < bottom; y++) {
    box.set(pixels.subarray((y * width + left) * 4, (y * width + right) * 4), (y - top) * (right - left) * 4);
  }
  return { width: right - left, height: bottom - top, pixels: box };
}

/** Scales a sprite down to a longer side of so many pixels: each pixel is the mean of the area that it covers. */
function scaled({ width, height, pixels }: Sprite, side: number): Sprite {
  const factor = Math.max(width, height) / side;
  const columns = Math.max(1, Math.round(width / factor)), rows = Math.max(1, Math.round(height / factor));
  const across = shares(width, columns), down = shares(height, rows);
  const out = new Float32Array(rows * columns * 4);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (const [fromY, shareY] of down[y]) {
        for (const [fromX, shareX] of across[x]) {
          for (let c = 0; c < 4; c++) {
            out[(y * columns + x) * 4 + c] += shareY * shareX * pixels[(fromY * width + fromX) * 4 + c];
          }
        }
      }
    }
  }
  return { width: columns, height: rows, pixels: out };
}

/** For each of `to` equal parts of a line of `from` pixels: the pixels under it, with their shares of the part. */
function shares(from: number, to: number): [pixel: number, share: number][][] {
  const length = from / to;
  return Array.from({ length: to }, (_, part) => {
    const start = part * length, end = start + length, covered: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < Math.min(from, Math.ceil(end)); pixel++) {
      covered.push([pixel, (Math.min(end, pixel + 1) - Math.max(start, pixel)) / length]);
    }
    return covered;
  });
}
