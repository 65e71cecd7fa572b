/**
 * CIRCO (Baldrati et al., ICCV 2023): queries with several correct images each, among COCO's unlabelled photographs.
 *
 * Layout: `annotations/{split}.json`, `COCO2017_unlabeled/annotations/image_info_unlabeled2017.json`,
 * `COCO2017_unlabeled/unlabeled2017/*.jpg`.
 */
import { fieldsOf, readObject, readRows } from "./annotation.ts";
import { type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";

/** The splits with their published counts. */
export const circoSplits = {
  val: { queries: 220, images: 123_403 },
  test: { queries: 800, images: 123_403 },
} as const;

/** The semantic aspects, as the annotations name them. */
export const circoAspects = [
  "cardinality",
  "addition",
  "negation",
  "direct_addressing",
  "compare_change",
  "comparative_statement",
  "statement_with_conjunction",
  "spatial_relations_background",
  "viewpoint",
] as const;

/** Reads a split as one part. @throws {Error} if a file is missing, of another version, or contradicts itself */
export async function readCirco(
  root: string,
  split: keyof typeof circoSplits,
  counts: Counts = "published",
): Promise<BenchmarkPart[]> {
  const annotations = `annotations/${split}.json`;
  const info = "COCO2017_unlabeled/annotations/image_info_unlabeled2017.json";
  const rows = await readRows(root, annotations), listing = await readObject(root, info);
  const { text, number, numbers, texts } = fieldsOf(annotations), { rows: list } = fieldsOf(info);
  const { number: imageId, text: fileName } = fieldsOf(info);
  const images = new Map(
    list(listing, "images").map((image) => [
      String(imageId(image, "id")),
      { paths: [`COCO2017_unlabeled/unlabeled2017/${fileName(image, "file_name")}`] },
    ]),
  );
  const queries = rows.map((row) => {
    const reference = String(number(row, "reference_img_id")), target = row.target_img_id;
    const targets = target === undefined ? [] : numbers(row, "gt_img_ids").map(String);
    if (target !== undefined && targets[0] !== String(number(row, "target_img_id"))) {
      throw new Error(
        `Reading ${annotations} failed: target_img_id of query ${
          number(row, "id")
        } is not the first of its gt_img_ids.`,
      );
    }
    return {
      id: String(number(row, "id")),
      reference,
      texts: [text(row, "relative_caption")],
      targets,
      // Only CIRR's protocol removes the reference from the gallery.
      excluded: [],
      ...(row.semantic_aspects === undefined ? {} : { aspects: texts(row, "semantic_aspects") }),
    };
  });
  checkCounts(`CIRCO ${split}`, counts, { queries: queries.length, images: images.size }, circoSplits[split]);
  return [checkPart({ benchmark: "circo", split, part: "circo", gallery: [...images.keys()], images, queries })];
}
