/**
 * CIRR (Liu et al., ICCV 2021): pairs of similar photographs in groups of six.
 *
 * Layout: `cirr/captions/cap.rc2.{split}.json`, `cirr/image_splits/split.rc2.{split}.json`, and the images at the paths
 * that the latter lists, below the root (`dev/`, `test1/`).
 */
import { fieldsOf, readAnnotation, readRows } from "./annotation.ts";
import { type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";

/** The splits with their published counts. */
export const cirrSplits = {
  val: { queries: 4181, images: 2297 },
  test1: { queries: 4148, images: 2315 },
} as const;

/** Reads a split as one part. @throws {Error} if a file is missing, of another version, or contradicts itself */
export async function readCirr(
  root: string,
  split: keyof typeof cirrSplits,
  counts: Counts = "published",
): Promise<BenchmarkPart[]> {
  const captions = `cirr/captions/cap.rc2.${split}.json`, listing = `cirr/image_splits/split.rc2.${split}.json`;
  const rows = await readRows(root, captions), paths = await readAnnotation(root, listing);
  const { text, number, row: object, texts } = fieldsOf(captions);
  if (typeof paths !== "object" || paths === null || Array.isArray(paths)) {
    throw new Error(`Reading ${listing} failed: it is no object from names to paths; is it another version?`);
  }
  const images = new Map(
    Object.entries(paths).map(([id, path]) => [id, { paths: [String(path).replace(/^\.\//, "")] }]),
  );
  const queries = rows.map((row) => {
    const reference = text(row, "reference"), group = texts(object(row, "img_set"), "members");
    return {
      id: String(number(row, "pairid")),
      reference,
      texts: [text(row, "caption")],
      targets: row.target_hard === undefined ? [] : [text(row, "target_hard")],
      excluded: [reference],
      group: group.filter((member) => member !== reference),
    };
  });
  checkCounts(`CIRR ${split}`, counts, { queries: queries.length, images: images.size }, cirrSplits[split]);
  return [checkPart({ benchmark: "cirr", split, part: "cirr", gallery: [...images.keys()], images, queries })];
}
