/** Parts of images: boxes that are cut out, and outlines whose outside is blackened. */
import { shown } from "../../io/shown.ts";
import { checkSize } from "./image_limits.ts";

/** A part of an image: left, top, width and height in pixels; what lies outside the image is black, as in Pillow. */
export type Box = readonly [number, number, number, number];

/** Width and height of an image in pixels; infinite where they are not known. */
export type ImageSize = readonly [number, number];

/** The size of an image that was not opened yet. */
export const unknownSize: ImageSize = [Infinity, Infinity];

/**
 * Checks a box. It may reach beyond the image, where it is black, but has to have some of it.
 *
 * @param size the image's, {@linkcode unknownSize} where it is not known
 * @param what begins the error message: the action, its file, and whose box it is
 * @throws {Error} if it is not four whole numbers, has no area, lies outside the image, or is larger than any image
 */
export function checkBox(box: unknown, [width, height]: ImageSize, what: string): asserts box is Box {
  const fail = (wrong: string): never => {
    // JSON has no NaN and would show null.
    const found = Array.isArray(box) && box.every((side) => typeof side === "number") ? `[${box}]` : shown(box);
    throw new Error(`${what} has the box ${found}, ${wrong}; correct or remove it.`);
  };
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isSafeInteger)) {
    return fail("expected are four whole numbers, left, top, width and height");
  }
  const [left, top, across, down] = box as number[];
  if (across < 1 || down < 1) fail("which has no area");
  if (left >= width || top >= height || left + across <= 0 || top + down <= 0) {
    fail(Number.isFinite(width) ? `which lies outside its ${width} x ${height} image` : "which lies outside its image");
  }
  checkSize([across, down], `${what} has a box that`);
}

/**
 * Checks the polygons `[x1, y1, x2, y2, ...]` of an outline: each has to have three points or more, and to reach the
 * image.
 *
 * @param size the image's, {@linkcode unknownSize} where it is not known
 * @param what begins the error message: the action, its file, and whose outline it is
 * @throws {Error} if there is no polygon, or one is not as said
 */
export function checkOutline(
  outline: unknown,
  [width, height]: ImageSize,
  what: string,
): asserts outline is readonly (readonly number[])[] {
  const fail = (wrong: string): never => {
    throw new Error(`${what} has an outline ${wrong}; correct or remove it.`);
  };
  if (!Array.isArray(outline) || outline.length === 0) return fail("that is no list of polygons");
  for (const [i, polygon] of outline.entries()) {
    if (!Array.isArray(polygon) || !polygon.every(Number.isFinite)) fail(`whose polygon ${i} is no list of numbers`);
    if (polygon.length % 2 !== 0 || polygon.length < 6) {
      fail(`whose polygon ${i} has ${polygon.length} numbers, expected are pairs for three points or more`);
    }
    const [left, top, right, bottom] = boundsOf(polygon);
    if (left > width || top > height || right < 0 || bottom < 0) {
      fail(`whose polygon ${i} lies outside its ${Number.isFinite(width) ? `${width} x ${height} ` : ""}image`);
    }
  }
}

/** Checks the box and the outline of an image, those that it has. @throws {Error} as checkBox and checkOutline */
export function checkRegion(
  { crop, outline }: { crop?: unknown; outline?: unknown },
  size: ImageSize,
  what: string,
): void {
  if (crop !== undefined) checkBox(crop, size, what);
  if (outline !== undefined) checkOutline(outline, size, what);
}

/** The smallest rectangle around a polygon `[x1, y1, x2, y2, ...]`: left, top, right and bottom. */
export function boundsOf(polygon: readonly number[]): [number, number, number, number] {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  polygon.forEach((value, i) => {
    bounds[i % 2] = Math.min(bounds[i % 2], value);
    bounds[2 + i % 2] = Math.max(bounds[2 + i % 2], value);
  });
  return bounds;
}
