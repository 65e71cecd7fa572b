/** Parts of images: boxes that are cut out, and outlines whose outside is whitened. */
import { shown } from "../../io/shown.ts";
import { checkSize } from "./image_limits.ts";
import { checkRunLengths, isRunLengths, type Outline } from "./outline.ts";

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
 * @param sides whether fractions of pixels are refused (the default), or not, as in a box that is to be dilated
 * @throws {Error} if it is not four such numbers, has no area, lies outside the image, or is larger than any image
 */
export function checkBox(
  box: unknown,
  [width, height]: ImageSize,
  what: string,
  sides: "whole" | "fractional" = "whole",
): asserts box is Box {
  const fail = (wrong: string): never => {
    // JSON has no NaN and would show null.
    const found = Array.isArray(box) && box.every((side) => typeof side === "number") ? `[${box}]` : shown(box);
    throw new Error(`${what} has the box ${found}, ${wrong}; correct or remove it.`);
  };
  const fits = sides === "whole" ? Number.isSafeInteger : Number.isFinite;
  if (!Array.isArray(box) || box.length !== 4 || !box.every(fits)) {
    return fail(`expected are four ${sides === "whole" ? "whole " : ""}numbers, left, top, width and height`);
  }
  const [left, top, across, down] = box as number[];
  if (!(across > 0 && down > 0)) fail("which has no area");
  if (left >= width || top >= height || left + across <= 0 || top + down <= 0) {
    fail(Number.isFinite(width) ? `which lies outside its ${width} x ${height} image` : "which lies outside its image");
  }
  checkSize([across, down], `${what} has a box that`);
}

/**
 * Checks an outline: each polygon `[x1, y1, x2, y2, ...]` has to have three points or more, and to reach the image; run
 * lengths have to be those of the image's pixels.
 *
 * @param size the image's, {@linkcode unknownSize} where it is not known
 * @param what begins the error message: the action, its file, and whose outline it is
 * @throws {Error} if there is no polygon, or one is not as said
 */
export function checkOutline(
  outline: unknown,
  [width, height]: ImageSize,
  what: string,
): asserts outline is Outline {
  const fail = (wrong: string): never => {
    throw new Error(`${what} has an outline ${wrong}; correct or remove it.`);
  };
  if (isRunLengths(outline)) return checkRunLengths(outline, [width, height], fail);
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

/**
 * Checks box, dilation and outline of an image, those that it has, and returns the box to cut out, if there is one.
 *
 * @param size the image's
 * @throws {Error} as checkBox and checkOutline, or if the dilation is negative, has no box, or leaves no whole pixel
 */
export function checkRegion(
  { crop, dilation, outline }: { crop?: unknown; dilation?: unknown; outline?: unknown },
  size: ImageSize,
  what: string,
): Box | undefined {
  let part: Box | undefined;
  if (dilation !== undefined) part = dilate(crop, dilation, size, what);
  else if (crop !== undefined) {
    checkBox(crop, size, what);
    part = crop;
  }
  if (outline !== undefined) checkOutline(outline, size, what);
  return part;
}

/** Checks a box and its dilation and returns the dilated box. @throws {Error} as checkRegion */
function dilate(box: unknown, dilation: unknown, size: ImageSize, what: string): Box {
  if (box === undefined) throw new Error(`${what} has a dilation and no box; add the box, or remove the dilation.`);
  if (typeof dilation !== "number" || !(dilation >= 0 && dilation < Infinity)) {
    throw new Error(`${what} has the dilation ${shown(dilation)}, expected is a number, 0 or more; correct it.`);
  }
  checkBox(box, size, what, "fractional");
  const dilated = dilatedBox(box, dilation, size);
  checkBox(dilated, size, `${what}, whose box [${box}] was dilated,`);
  return dilated;
}

/**
 * Dilates a box as GeneCIS' `datasets/vaw_dataset.py` and Pillow's `crop` do: left and top move by the whole dilation
 * and are clamped to the image; width and height, (1 + dilation) times those of the box, are counted from there and
 * clamped too; edges are rounded, halves to the even pixel. So the box is not dilated evenly around its middle.
 */
function dilatedBox([x, y, width, height]: Box, dilation: number, [right, bottom]: ImageSize): Box {
  const left = Math.max(0, x - dilation * width), top = Math.max(0, y - dilation * height);
  const edges = [
    left,
    top,
    Math.min(right, left + (1 + dilation) * width),
    Math.min(bottom, top + (1 + dilation) * height),
  ].map(roundHalfToEven);
  return [edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1]];
}

/** Rounds as Python's `round`. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value), rest = value - below;
  return rest < 0.5 || rest === 0.5 && below % 2 === 0 ? below : below + 1;
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
