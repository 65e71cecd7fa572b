/**
 * COCO object composition (Pic2Word, Saito et al., CVPR 2023): a query is an object cut out of a photograph with the
 * names of its own class and of the photograph's others; its target is the photograph.
 *
 * Layout: `annotations/instances_val2017.json`, `val2017/*.jpg`, as COCO prescribes.
 *
 * The rules are those of the released program (`data/coco/prepare_data.py` and `src/data.py` of
 * google-research/composed_image_retrieval, commit 8c05329), which draws the objects without a seed; here they are drawn
 * with one, so figures can be compared with each other, and with the published ones up to that draw.
 */
import { boundsOf, type Box, checkBox, checkOutline, type ImageSize, unknownSize } from "../clip/images/region.ts";
import { isRunLengths, type Outline } from "../clip/images/outline.ts";
import { random } from "../tensors/random.ts";
import { fieldsOf, readObject, type Row } from "./annotation.ts";
import { type BenchmarkImage, type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";

/** The split, with COCO's published number of images. */
export const cocoSplits = { val: { images: 5000 } } as const;

/** The seed that draws the objects. */
const objectSeed = 2017;

/**
 * Sizes of the objects that may be drawn, those between excluded: the smallest in pixels, the largest in parts of the
 * image. (0.05 pixels is what the released program says; 0.05 of the image may have been meant.)
 */
const smallest = 0.05, largest = 0.5;

/**
 * Reads the split as one part. Of each photograph one object is drawn, of those whose bounding box is larger than 0.05
 * pixels and smaller than half of the photograph; photographs without such an object are no queries and are not ranked.
 *
 * @throws {Error} if a file is missing, of another version, or contradicts itself
 */
export async function readCoco(root: string, counts: Counts = "published"): Promise<BenchmarkPart[]> {
  const file = "annotations/instances_val2017.json";
  const json = await readObject(root, file), { text, number, rows } = fieldsOf(file);
  const classes = new Map(rows(json, "categories").map((row) => [number(row, "id"), text(row, "name")]));
  const nameOf = (row: Row): string => {
    const category = number(row, "category_id"), found = classes.get(category);
    if (found === undefined) throw new Error(`Reading ${file} failed: there is no category ${category}.`);
    return found;
  };
  const listed = rows(json, "images");
  checkCounts("COCO val", counts, { images: listed.length }, cocoSplits.val);
  const objects = Map.groupBy(rows(json, "annotations"), (row) => number(row, "image_id"));
  const rng = random(objectSeed), queries: BenchmarkPart["queries"][number][] = [];
  const gallery: string[] = [], images = new Map<string, BenchmarkImage>();
  for (const row of listed.toSorted((a, b) => number(a, "id") - number(b, "id"))) {
    const image = String(row.id), size = sizeOf(row, file), inside = objects.get(number(row, "id")) ?? [];
    const candidates = inside.filter((object) => mayBeDrawn(boxOf(object, file), size));
    if (candidates.length === 0) continue;
    const object = candidates[rng.int(candidates.length)], id = `${image}:${number(object, "id")}`;
    const own = nameOf(object), others = [...new Set(inside.map(nameOf))].filter((name) => name !== own);
    const paths = [`val2017/${text(row, "file_name")}`];
    gallery.push(image);
    images.set(image, { paths });
    images.set(id, { paths, ...regionOf(object, size, file), squash: true });
    // A photograph of one class ends in "and", as it does in the released program.
    const names = `${own} and ${others.join(" and ")}`;
    queries.push({ id, reference: id, texts: [names], targets: [image], excluded: [] });
  }
  return [
    checkPart({ benchmark: "coco", split: "val", part: "coco", gallery, images, queries, bothDirections: true }),
  ];
}

/** Returns the size of an image; COCO gives it, and a file made for a test may not. */
function sizeOf(row: Row, file: string): ImageSize {
  if (row.width === undefined && row.height === undefined) return unknownSize;
  const { number } = fieldsOf(file);
  return [number(row, "width"), number(row, "height")];
}

/** Begins an error message about an object. */
function faultOf(object: Row, file: string): string {
  return `Reading ${file} failed: the object ${fieldsOf(file).number(object, "id")}`;
}

/** Returns an object's bounding box: left, top, width and height. @throws {Error} if it is no four numbers */
function boxOf(object: Row, file: string): Box {
  const box = object.bbox;
  if (Array.isArray(box) && box.length === 4 && box.every(Number.isFinite)) return box as unknown as Box;
  throw new Error(`${faultOf(object, file)} has no bbox of four numbers; is it another version?`);
}

/** Cuts the edges of a box to whole pixels, towards 0, as the released program does. */
function wholePixels([x, y, width, height]: Box): Box {
  const left = Math.trunc(x), top = Math.trunc(y);
  return [left, top, Math.trunc(x + width) - left, Math.trunc(y + height) - top];
}

/**
 * Returns whether an object may be drawn. One that has no whole pixel may not: the released program would stop at it.
 */
function mayBeDrawn(box: Box, [across, down]: ImageSize): boolean {
  const [, , width, height] = box, area = width * height, [, , columns, rows] = wholePixels(box);
  return width > 0 && area > smallest && area < largest * across * down && columns > 0 && rows > 0;
}

/** Returns the box of whole pixels of an object, and its outline. @throws {Error} naming the object */
function regionOf(object: Row, size: ImageSize, file: string): { crop: Box; outline: Outline } {
  const what = faultOf(object, file), box = boxOf(object, file), outline: unknown = object.segmentation;
  const [x, y, width, height] = box, crop = wholePixels(box);
  checkBox(crop, size, what);
  checkOutline(outline, size, what);
  if (isRunLengths(outline)) return { crop, outline };
  // The box was made from the outline; a polygon beside it would leave a white image.
  for (const [i, polygon] of outline.entries()) {
    const [west, north, east, south] = boundsOf(polygon);
    if (west > x + width + 1 || north > y + height + 1 || east < x - 1 || south < y - 1) {
      throw new Error(`${what} has an outline whose polygon ${i} lies outside its bbox; is it another version?`);
    }
  }
  return { crop, outline };
}
