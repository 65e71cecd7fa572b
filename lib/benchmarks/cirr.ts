/**
 * CIRR (Liu et al., ICCV 2021): pairs of similar photographs in groups of six.
 *
 * Layout: `cirr/captions/cap.rc2.{split}.json`, `cirr/image_splits/split.rc2.{split}.json`, and the images at the paths
 * that the latter lists, below the root (`dev/`, `test1/`).
 */
import { fieldsOf, readObject, readRows } from "./annotation.ts";
import { type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";

/** Members of every published group, the reference and the target among them. */
const groupSize = 6;

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
  const rows = await readRows(root, captions), paths = await readObject(root, listing, "object from names to paths");
  const { text, number, row: object, texts } = fieldsOf(captions), { text: path } = fieldsOf(listing);
  const images = new Map(
    Object.keys(paths).map((id) => [id, { paths: [path(paths, id).replace(/^\.\//, "")] }]),
  );
  const queries = rows.map((row) => {
    const reference = text(row, "reference"), group = texts(object(row, "img_set"), "members");
    const id = String(number(row, "pairid"));
    checkCounts(
      `CIRR ${split}, query ${id}`,
      counts,
      {
        "members in its group": group.length,
        "of them beside its reference": group.filter((m) => m !== reference).length,
      },
      { "members in its group": groupSize, "of them beside its reference": groupSize - 1 },
    );
    const target = row.target_hard === undefined ? undefined : text(row, "target_hard");
    if (target !== undefined && images.has(target) && !group.includes(target)) {
      throw new Error(`Reading ${captions} failed: the target of query ${id} is not in its group.`);
    }
    return {
      id,
      reference,
      texts: [text(row, "caption")],
      targets: target === undefined ? [] : [target],
      excluded: [reference],
      group: group.filter((member) => member !== reference),
    };
  });
  checkCounts(`CIRR ${split}`, counts, { queries: queries.length, images: images.size }, cirrSplits[split]);
  return [checkPart({ benchmark: "cirr", split, part: "cirr", gallery: [...images.keys()], images, queries })];
}
