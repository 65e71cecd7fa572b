/** Parsers of the benchmarks' annotations, each over two queries in its true layout. */
import type { BenchmarkName, BenchmarkPart } from "../../../lib/benchmarks/benchmark.ts";
import { openBenchmark } from "../../../lib/benchmarks/open_benchmark.ts";
import { fileSet } from "../file_set.ts";
import { Contradiction, jsonSample, type MakeParser, type Sample, textSample } from "../parser.ts";

/** Makes a parser of one benchmark. @param files JSON by path; the names in messages are these paths, or `also` */
function annotations(name: BenchmarkName, split: string, files: Record<string, unknown>, also: string): MakeParser {
  return lists(name, split, Object.entries(files).map(([file, json]) => jsonSample(file, json)), also);
}

function lists(name: BenchmarkName, split: string, samples: Sample[], also: string): MakeParser {
  return (scratch) => {
    const { folder, replace } = fileSet(scratch, samples);
    return {
      samples,
      // A file is named by its path below the root; what two files contradict each other in, by the benchmark.
      names: [...samples.map(({ file }) => file), `Reading ${also}`],
      async read(bytes, file) {
        replace(file, bytes);
        try {
          checkParts(await openBenchmark({ benchmark: name, root: folder, split, counts: "as-found" }));
        } catch (error) {
          // Faults that are told together are a sentence each.
          throw error instanceof AggregateError ? error.errors[0] : error;
        }
      },
    };
  };
}

function checkParts(parts: readonly BenchmarkPart[]): void {
  for (const { part, gallery, galleries, images, queries } of parts) {
    const all = new Set(gallery);
    for (const { id, reference, targets, texts, group = [], gallery: own } of queries) {
      const known = galleries ? new Set(galleries.get(own!)) : all;
      if (!images.has(reference)) throw new Contradiction("the reference is no image", `${part} ${id}`);
      if (![...targets, ...group].every((image) => known.has(image))) {
        throw new Contradiction("a target is not in the gallery", `${part} ${id}`);
      }
      if (targets.includes(reference)) throw new Contradiction("a target is the reference", `${part} ${id}`);
      if (new Set(targets).size < targets.length) throw new Contradiction("a target is repeated", `${part} ${id}`);
      if (!texts.every((text) => typeof text === "string")) throw new Contradiction("a text is none", `${part} ${id}`);
    }
    for (const [id, { paths, crop, outline }] of images) {
      if (!paths.every((path) => typeof path === "string")) throw new Contradiction("a path is none", `${part} ${id}`);
      const outlined = outline && "counts" in outline ? [...outline.counts, ...outline.size] : (outline ?? []).flat();
      const numbers = [...crop ?? [], ...outlined];
      if (!numbers.every(Number.isFinite)) throw new Contradiction("a region is none", `${part} ${id}`);
    }
  }
}

const cirrImages = ["dev-0-0-img0", "dev-0-1-img0", "dev-1-0-img1", "dev-2-0-img0", "dev-3-3-img1", "dev-4-0-img0"];

/** CIRR. */
export const cirr = annotations("cirr", "val", {
  "cirr/captions/cap.rc2.val.json": [0, 1].map((i) => ({
    pairid: 10 + i,
    reference: cirrImages[i],
    target_hard: cirrImages[i + 2],
    target_soft: { [cirrImages[i + 2]]: 1 },
    caption: "has two dogs",
    img_set: { id: i, members: cirrImages, reference_rank: 3, target_rank: 1 },
  })),
  "cirr/image_splits/split.rc2.val.json": Object.fromEntries(cirrImages.map((name) => [name, `./dev/${name}.png`])),
}, "cirr val");

const circoIds = [1001, 1002, 1003, 1004];

/** CIRCO. */
export const circo = annotations("circo", "val", {
  "annotations/val.json": [0, 1].map((i) => ({
    reference_img_id: circoIds[i],
    target_img_id: circoIds[i + 1],
    gt_img_ids: [circoIds[i + 1], circoIds[i + 2]],
    semantic_aspects: ["addition", "viewpoint"],
    relative_caption: "has more of them",
    shared_concept: "a dog",
    id: i,
  })),
  "COCO2017_unlabeled/annotations/image_info_unlabeled2017.json": {
    images: circoIds.map((id) => ({ id, file_name: `00000000${id}.jpg` })),
  },
}, "circo val");

const garments = ["B001", "B002", "B003", "B004"];

/** FashionIQ. */
export const fashioniq = annotations(
  "fashioniq",
  "val",
  Object.fromEntries(["dress", "shirt", "toptee"].flatMap((category) => [
    [
      `captions/cap.${category}.val.json`,
      [0, 1].map((i) => ({ target: garments[i + 2], candidate: garments[i], captions: [" is red. ", "longer?"] })),
    ],
    [`image_splits/split.${category}.val.json`, garments],
  ])),
  "fashioniq val",
);

/** GeneCIS: a task of COCO's images, and one of boxes. */
export const genecis = annotations(
  "genecis",
  "all",
  Object.fromEntries(["focus_attribute", "change_attribute", "focus_object", "change_object"].map((task) => {
    const shown = (image: number) =>
      task.endsWith("object")
        ? { val_image_id: 500 + image }
        : { image_id: 700 + image, instance_id: `${image}`, instance_bbox: [20, 30, 40, 40] };
    const rows = [0, 1].map((i) => ({
      condition: "colour",
      reference: shown(i),
      target: shown(i + 1),
      gallery: [3, 4, 5].map(shown),
    }));
    return [`genecis/${task}.json`, rows];
  })),
  "genecis val",
);

/** COCO's object composition. */
export const coco = annotations("coco", "val", {
  "annotations/instances_val2017.json": {
    images: [1, 2].map((id) => ({ id, file_name: `${id}.jpg`, width: 90, height: 50 })),
    annotations: [1, 2].flatMap((image) => [
      {
        id: 2 * image,
        image_id: image,
        category_id: 1,
        iscrowd: 0,
        bbox: [2.5, 1.5, 43, 43],
        segmentation: [[3, 2, 45, 2, 45, 44, 3, 44]],
      },
      {
        id: 2 * image + 1,
        image_id: image,
        category_id: 2,
        iscrowd: 1,
        bbox: [60, 20, 20, 20],
        segmentation: { counts: [4000, 500], size: [50, 90] },
      },
    ]),
    categories: [{ id: 1, name: "dog" }, { id: 2, name: "hat" }],
  },
}, "coco val");

/** i-CIR: two instances. */
export const icir = lists("icir", "test", [
  textSample(
    "query_files.csv",
    'query/a/1.jpg,at night,a\nquery/a/2.jpg,"from above, far",a\nquery/b/1.jpg,at night,b\n',
  ),
  textSample(
    "database_files.csv",
    [
      ...["database/a/1.jpg,at night,a", 'database/a/2.jpg,"from above, far",a', "database/a/hn/1.jpg,,a"],
      ...["database/b/1.jpg,at night,b", "database/b/hn/1.jpg,of another,b"],
    ].join("\r\n"),
  ),
], "icir test");
