/**
 * FashionIQ (Wu et al., CVPR 2021): garments of three categories, each a part with a gallery of its own; two captions a
 * query.
 *
 * Layout: `captions/cap.{category}.{split}.json`, `image_splits/split.{category}.{split}.json`, `images/{id}.png` or
 * `.jpg`.
 */
import { isTexts } from "../io/json_values.ts";
import { fieldsOf, readAnnotation, readRows } from "./annotation.ts";
import { type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";
import type { Wording } from "./wording.ts";

/** The splits with the published counts of each category. */
export const fashioniqSplits = {
  val: {
    dress: { queries: 2017, images: 3817 },
    shirt: { queries: 2038, images: 6346 },
    toptee: { queries: 1961, images: 5373 },
  },
  test: {
    dress: { queries: 2024, images: 3818 },
    shirt: { queries: 2038, images: 6346 },
    toptee: { queries: 2056, images: 5374 },
  },
} as const;

/** The categories, each a part. */
const fashioniqCategories = ["dress", "shirt", "toptee"] as const;

/** Joins the two captions of a query with " and " in both orders, each stripped of `.?, ` at its ends. */
export function bothOrders(captions: readonly string[]): string[] {
  const [first, second] = captions.map((caption) => caption.replace(/^[.?, ]+|[.?, ]+$/g, ""));
  return [`${first} and ${second}`, `${second} and ${first}`];
}

/**
 * Reads a split, one part a category.
 * @throws {Error} if a file is missing, of another version, or contradicts itself
 */
export async function readFashioniq(
  root: string,
  split: keyof typeof fashioniqSplits,
  counts: Counts = "published",
  wording: Wording = "paper",
): Promise<BenchmarkPart[]> {
  const parts: BenchmarkPart[] = [];
  for (const category of fashioniqCategories) {
    const captions = `captions/cap.${category}.${split}.json`, list = `image_splits/split.${category}.${split}.json`;
    const rows = await readRows(root, captions), ids = await readAnnotation(root, list);
    if (!isTexts(ids)) {
      throw new Error(`Reading ${root}/${list} failed: it is no list of image names; is it another version?`);
    }
    const { text, texts } = fieldsOf(captions);
    const queries = rows.map((row, i) => {
      const pair = texts(row, "captions");
      if (pair.length !== 2) {
        throw new Error(`Reading ${captions} failed: query ${i} has ${pair.length} captions, expected 2.`);
      }
      return {
        id: String(i),
        reference: text(row, "candidate"),
        texts: wording === "pic2word" ? [`${pair[1]} and ${pair[0]}`] : bothOrders(pair),
        targets: row.target === undefined ? [] : [text(row, "target")],
        // Only CIRR's protocol removes the reference from the gallery.
        excluded: [],
      };
    });
    const published = fashioniqSplits[split][category];
    checkCounts(
      `FashionIQ ${split} (${category})`,
      counts,
      { queries: queries.length, images: ids.length },
      published,
    );
    const images = new Map(ids.map((id) => [id, { paths: [`images/${id}.png`, `images/${id}.jpg`] }]));
    parts.push(checkPart({ benchmark: "fashioniq", split, part: category, gallery: ids, images, queries }));
  }
  return parts;
}
