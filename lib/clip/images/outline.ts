/**
 * Outlines of objects as COCO has them, and the pixels that they cover: those that COCO's own `annToMask` gives
 * (pycocotools; the rule is written down in `tests/goldens/make_object_queries.py`, which compares with it).
 */
import { shown } from "../../io/shown.ts";

/** Run lengths of an object's pixels, column after column, the first of pixels outside: how COCO outlines crowds. */
export interface RunLengths {
  /** Rows and columns of the image. */
  size: readonly [number, number];
  /** Lengths of the runs, in turn outside and inside; their sum is rows times columns. */
  counts: readonly number[];
}

/** Polygons `[x1, y1, x2, y2, ...]` in pixels of the whole image, or run lengths. */
export type Outline = readonly (readonly number[])[] | RunLengths;

/** Whether an outline is run lengths and not polygons. */
export function isRunLengths(outline: unknown): outline is RunLengths {
  return typeof outline === "object" && outline !== null && !Array.isArray(outline);
}

/** Checks run lengths. @param fail throws an error with what is wrong @throws {Error} as `fail` does */
export function checkRunLengths(
  { size, counts }: { size?: unknown; counts?: unknown },
  [width, height]: readonly [number, number],
  fail: (wrong: string) => never,
): void {
  if (!Array.isArray(counts) || !counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    fail("whose run lengths are no list of whole numbers");
  }
  if (!Array.isArray(size) || size.length !== 2 || !size.every(Number.isSafeInteger)) {
    fail(`whose size is ${shown(size)}, expected are rows and columns`);
  }
  const [rows, columns] = size as number[];
  if (Number.isFinite(width) && (rows !== height || columns !== width)) {
    fail(`of ${columns} x ${rows} pixels, the image has ${width} x ${height}`);
  }
  const sum = (counts as number[]).reduce((sum, count) => sum + count, 0);
  if (sum !== rows * columns) fail(`whose run lengths add up to ${sum}, expected are ${rows * columns} pixels`);
}

/** Returns the pixels that an outline covers: `[height, width]`, 1 inside any of its polygons. */
export function outlineMask(outline: Outline, width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  const mark = (from: number, until: number) => {
    for (let at = from; at < until; at++) mask[(at % height) * width + Math.floor(at / height)] = 1;
  };
  if (isRunLengths(outline)) {
    let at = 0;
    outline.counts.forEach((count, i) => {
      if (i % 2 === 1) mark(at, at + count);
      at += count;
    });
    return mask;
  }
  for (const polygon of outline) {
    // Positions count down the columns; between the first and the second, the third and the fourth lies the inside.
    const borders = polygonBorders(polygon, width, height).sort((a, b) => a - b);
    for (let i = 0; i < borders.length; i += 2) mark(borders[i], borders[i + 1] ?? width * height);
  }
  return mask;
}

/** Points on a side of a pixel at which COCO follows an edge. */
const fine = 5;

/**
 * Where the border of a polygon is crossed, counted down column after column. The edges are followed point by point on a
 * grid five times as fine; where two neighbouring points lie on both sides of the middle of a column of pixels, the upper
 * one tells the row.
 */
function polygonBorders(polygon: readonly number[], width: number, height: number): number[] {
  const corners = Array.from({ length: polygon.length / 2 }, (_, i) => [
    Math.trunc(fine * polygon[2 * i] + 0.5),
    Math.trunc(fine * polygon[2 * i + 1] + 0.5),
  ]);
  const borders: number[] = [];
  let before = corners[0];
  const reach = (point: number[]) => {
    const column = (Math.min(before[0], point[0]) + 0.5) / fine - 0.5;
    if (before[0] !== point[0] && Number.isInteger(column) && column >= 0 && column < width) {
      const row = (Math.min(before[1], point[1]) + 0.5) / fine - 0.5;
      borders.push(column * height + Math.ceil(Math.min(height, Math.max(0, row))));
    }
    before = point;
  };
  corners.forEach((from, i) => edgePoints(from, corners[(i + 1) % corners.length]).forEach(reach));
  return borders;
}

/** The points of an edge on the fine grid, one for each unit of its longer side, from one end to the other. */
function edgePoints(from: readonly number[], to: readonly number[]): number[][] {
  const along = Math.abs(to[0] - from[0]) >= Math.abs(to[1] - from[1]) ? 0 : 1, beside = 1 - along;
  // Rounding is not symmetrical, so the points are always counted from the same end.
  const [start, end] = from[along] <= to[along] ? [from, to] : [to, from];
  const length = end[along] - start[along], slope = (end[beside] - start[beside]) / length;
  const points = Array.from({ length: length + 1 }, (_, step) => {
    const point = [0, 0];
    point[along] = start[along] + step;
    // An edge of one point has no slope.
    point[beside] = length === 0 ? start[beside] : Math.trunc(start[beside] + slope * step + 0.5);
    return point;
  });
  return start === from ? points : points.reverse();
}
