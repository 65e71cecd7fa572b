/**
 * GeneCIS (Vaze et al., CVPR 2023): four tasks, a small gallery for each query.
 *
 * Layout: `genecis/{task}.json`; `val2017/*.jpg` (COCO) for the object tasks, `VG_100K/*.jpg` and `VG_100K_2/*.jpg`
 * (Visual Genome) for the attribute tasks, whose images are boxes cut out with some of their surroundings.
 */
import { checkBox, unknownSize } from "../clip/images/region.ts";
import { shown } from "../io/shown.ts";
import { fieldsOf, readRows, type Row } from "./annotation.ts";
import { type BenchmarkImage, type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";
import type { Wording } from "./wording.ts";

/**
 * The tasks with their published numbers of queries, and of the images beside the target in each query's gallery. The
 * galleries of the attribute tasks were not available to be counted, so theirs are not checked.
 */
export const genecisTasks = {
  focus_attribute: { queries: 2000 },
  change_attribute: { queries: 2112 },
  focus_object: { queries: 1960, others: 14 },
  change_object: { queries: 1960, others: 14 },
} as const;
/** One of {@linkcode genecisTasks}. */
export type GenecisTask = keyof typeof genecisTasks;

/**
 * The dilation of the attribute tasks' boxes, which are cut out and padded as the released loader does it
 * (`datasets/vaw_dataset.py` of facebookresearch/genecis, commit 0c5c968; LinCIR's branch `eval_genecis` does the
 * same). It needs the image's size, so the box is dilated when the image is read.
 */
const dilation = 0.7;

/**
 * Reads tasks, one part each.
 *
 * @param tasks those to read; all four by default
 * @throws {Error} if a file is missing, of another version, or contradicts itself
 */
export async function readGenecis(
  root: string,
  tasks: readonly GenecisTask[] = Object.keys(genecisTasks) as GenecisTask[],
  counts: Counts = "published",
  wording: Wording = "paper",
): Promise<BenchmarkPart[]> {
  const parts: BenchmarkPart[] = [];
  for (const task of tasks) {
    const file = `genecis/${task}.json`, rows = await readRows(root, file);
    const { text, row: object, rows: objects } = fieldsOf(file);
    const images = new Map<string, BenchmarkImage>();
    const idOf = (image: Row): string => {
      const [id, found] = task.endsWith("_object") ? cocoImage(image, file) : genomeImage(image, file);
      images.set(id, found);
      return id;
    };
    const queries = rows.map((row, i) => {
      const reference = idOf(object(row, "reference")), target = idOf(object(row, "target"));
      const others = objects(row, "gallery").map(idOf), { others: published } = sizesOf(task);
      if (new Set(others).size < others.length) {
        throw new Error(
          `Reading ${file} failed: the gallery of query ${i} lists an image twice; is it another version?`,
        );
      }
      if (published !== undefined) {
        checkCounts(
          `GeneCIS ${task}, query ${i}`,
          counts,
          { "other images in its gallery": others.length },
          { "other images in its gallery": published },
        );
      }
      return {
        id: String(i),
        reference,
        texts: [wording === "lincir-genecis" && task.endsWith("_object") ? "0" : text(row, "condition")],
        targets: [target],
        excluded: [],
        // The target comes first and would win a tie; a gallery that lists it too (one of change_object) keeps it once.
        group: [target, ...others.filter((other) => other !== target)],
      };
    });
    checkCounts(`GeneCIS ${task}`, counts, { queries: queries.length }, { queries: sizesOf(task).queries });
    const gallery = [...images.keys()];
    parts.push(
      checkPart({ benchmark: "genecis", split: "val", part: task, gallery, images, queries, ownGalleries: true }),
    );
  }
  return parts;
}

function sizesOf(task: GenecisTask): { queries: number; others?: number } {
  return genecisTasks[task];
}

function cocoImage(image: Row, file: string): [string, BenchmarkImage] {
  const id = fieldsOf(file).number(image, "val_image_id");
  return [String(id), { paths: [`val2017/${String(id).padStart(12, "0")}.jpg`] }];
}

function genomeImage(row: Row, file: string): [string, BenchmarkImage] {
  const image = row.image_id, box = row.instance_bbox;
  const named = typeof image === "string" ? /^\d+$/.test(image) : Number.isSafeInteger(image) && Number(image) >= 0;
  if (!named || !Array.isArray(box) || box.length !== 4 || !box.every(Number.isFinite)) {
    throw new Error(
      `Reading ${file} failed: ${shown(row)} has no image_id with an instance_bbox; is it ` +
        "another version?",
    );
  }
  const [, , width, height] = box as number[];
  const what = `Reading ${file} failed: the object of image ${image} with the instance_bbox [${box}]`;
  if (!(width > 0 && height > 0)) throw new Error(`${what} has no area; is it another version?`);
  const crop: unknown = box;
  checkBox(crop, unknownSize, what, "fractional");
  const paths = ["VG_100K", "VG_100K_2"].map((folder) => `${folder}/${image}.jpg`);
  return [`${image}:${box.join(",")}`, { paths, crop, dilation }];
}
