/**
 * COCO object composition (Pic2Word, Saito et al., CVPR 2023): a query is an object cut out of a photograph with the
 * names of the photograph's other objects; its target is the photograph.
 *
 * Layout: `annotations/instances_val2017.json`, `val2017/*.jpg`, as COCO prescribes.
 *
 * The list of objects that the authors drew was not available; this reader draws its own, from a seed: every photograph
 * with objects of two classes or more gives a query, with one of its outlined objects. So figures can be compared with
 * each other, and with the published ones only roughly.
 */
import { boundsOf, type Box, checkBox, checkOutline, type ImageSize, unknownSize } from "../clip/images/region.ts";
import { random } from "../tensors/random.ts";
import { fieldsOf, readObject, type Row } from "./annotation.ts";
import { type BenchmarkImage, type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";

/** The split, with COCO's published number of images. */
export const cocoSplits = { val: { images: 5000 } } as const;

/** The seed that draws the objects. */
const objectSeed = 2017;

/** Reads the split as one part. @throws {Error} if a file is missing, of another version, or contradicts itself */
export async function readCoco(root: string, counts: Counts = "published"): Promise<BenchmarkPart[]> {
  const file = "annotations/instances_val2017.json";
  const json = await readObject(root, file), { text, number, rows } = fieldsOf(file);
  const classes = new Map(rows(json, "categories").map((row) => [number(row, "id"), text(row, "name")]));
  const listed = rows(json, "images");
  const images = new Map<string, BenchmarkImage>(
    listed.map((row) => [String(number(row, "id")), { paths: [`val2017/${text(row, "file_name")}`] }]),
  );
  const sizes = new Map(listed.map((row) => [String(row.id), sizeOf(row, file)]));
  const gallery = [...images.keys()];
  const objects = Map.groupBy(rows(json, "annotations"), (row) => String(number(row, "image_id")));
  const rng = random(objectSeed), queries: BenchmarkPart["queries"][number][] = [];
  for (const image of gallery) {
    const inside = objects.get(image) ?? [];
    const named = [...new Set(inside.map((row) => number(row, "category_id")))];
    const outlined = inside.filter((row) => row.iscrowd === 0 && Array.isArray(row.segmentation));
    if (named.length < 2 || outlined.length === 0) continue;
    const object = outlined[rng.int(outlined.length)], id = `${image}:${number(object, "id")}`;
    const others = named.filter((name) => name !== object.category_id).map((name) => {
      const found = classes.get(name);
      if (found === undefined) throw new Error(`Reading ${file} failed: there is no category ${name}.`);
      return found;
    });
    images.set(id, { ...images.get(image)!, ...regionOf(object, sizes.get(image)!, file) });
    queries.push({ id, reference: id, texts: [others.join(" and ")], targets: [image], excluded: [] });
  }
  checkCounts("COCO val", counts, { images: gallery.length }, cocoSplits.val);
  return [checkPart({ benchmark: "coco", split: "val", part: "coco", gallery, images, queries })];
}

/** Returns the size of an image; COCO gives it, and a file made for a test may not. */
function sizeOf(row: Row, file: string): ImageSize {
  if (row.width === undefined && row.height === undefined) return unknownSize;
  const { number } = fieldsOf(file);
  return [number(row, "width"), number(row, "height")];
}

/** Returns the smallest box of whole pixels around an object, and its outline. @throws {Error} naming the object */
function regionOf(object: Row, size: ImageSize, file: string): { crop: Box; outline: readonly (readonly number[])[] } {
  const what = `Reading ${file} failed: the object ${fieldsOf(file).number(object, "id")}`;
  const box = object.bbox, outline: unknown = object.segmentation;
  if (!Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) {
    throw new Error(`${what} has no bbox of four numbers; is it another version?`);
  }
  const [x, y, width, height] = box as number[], left = Math.floor(x), top = Math.floor(y);
  const crop: unknown = [left, top, Math.ceil(x + width) - left, Math.ceil(y + height) - top];
  checkBox(crop, size, what);
  checkOutline(outline, size, what);
  // The box was made from the outline; a polygon beside it would leave a black image.
  for (const [i, polygon] of outline.entries()) {
    const [west, north, east, south] = boundsOf(polygon);
    if (west > x + width + 1 || north > y + height + 1 || east < x - 1 || south < y - 1) {
      throw new Error(`${what} has an outline whose polygon ${i} lies outside its bbox; is it another version?`);
    }
  }
  return { crop, outline };
}
