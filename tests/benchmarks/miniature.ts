/** Each benchmark in small, in its true layout, with true image files made from the embedded drawings. */
import { Buffer } from "node:buffer";
import type { Edit } from "../../lib/emoji/data/edits.ts";
import { loadSharp } from "../../lib/io/load_sharp.ts";
import { rasterisePng } from "../../lib/io/rasterise_svg.ts";
import { conditioningText } from "../../lib/emoji/data/wording.ts";
import { random } from "../../lib/tensors/random.ts";
import { smallBenchmark } from "../emoji/small_benchmark.ts";

const sharp = await loadSharp();

/** A query of the miniatures, before it is written in a benchmark's form. */
interface Made {
  reference: number;
  target: number;
  caption: string;
}

/** Number of queries, and of images, of each miniature. */
export const sizes = { queries: 12, images: 40 };

let chosen: ReturnType<typeof choose> | undefined;

/** What {@linkcode choose} gives, made once a process. */
function material(): ReturnType<typeof choose> {
  return chosen ??= choose();
}

/** Draws images, chooses queries; the same every time. Images are numbered as in `codes`. */
async function choose(): Promise<
  { made: Made[]; captions: string[]; draw: (image: number, size: number) => Uint8Array }
> {
  const benchmark = await smallBenchmark();
  const rng = random(3), noto = benchmark.icons.noto;
  const groups = new Map(benchmark.images.noto.codes.map((code, i) => [code, benchmark.duplicates[i][0]]));
  const visible = (edit: Edit) => groups.get(edit.reference.code) !== groups.get(edit.target.code);
  const edits = rng.shuffle(benchmark.edits.train.filter(visible)).slice(0, sizes.queries);
  const codes = [...new Set(edits.flatMap(({ reference, target }) => [reference.code, target.code]))];
  for (const code of rng.shuffle(benchmark.images.noto.codes)) {
    if (codes.length === sizes.images) break;
    if (!codes.includes(code)) codes.push(code);
  }
  const index = (code: string) => codes.indexOf(code);
  const captions = new Map(benchmark.emoji.map(({ code, caption }) => [code, caption]));
  return {
    captions: codes.map((code) => captions.get(code)!),
    made: edits.map(({ reference, target, changes }) => ({
      reference: index(reference.code),
      target: index(target.code),
      caption: conditioningText(changes, "seen", rng),
    })),
    draw: (image, size) => rasterisePng(noto.svg(codes[image], size), [], 1),
  };
}

const jpeg = (png: Uint8Array) => sharp(png).flatten({ background: "#fff" }).jpeg({ quality: 95 }).toBuffer();

async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, new TextEncoder().encode(JSON.stringify(value)));
}

const everything = [...Array(sizes.images).keys()];

/** Four others for a group of six, none of them reference or target. */
function strangers({ reference, target }: Made, count: number): number[] {
  return everything.filter((image) => image !== reference && image !== target).slice(0, count);
}

/** Captions of the images of CIRR's miniature, by their names in the split val. */
export async function cirrCaptions(): Promise<Map<string, string[]>> {
  const { captions } = await material();
  return new Map(captions.map((caption, image) => [`dev-${image}-0-img0`, [caption]]));
}

/**
 * CIRR, splits val and test1, PNG. @param withImages whether to write image files; annotations are read without them
 */
export async function makeCirr(root: string, withImages = true): Promise<void> {
  const { made, draw } = await material();
  for (const [split, folder] of [["val", "dev"], ["test1", "test1"]]) {
    const name = (image: number) => `${folder}-${image}-0-img0`;
    const rows = made.map((query, i) => ({
      pairid: 100 + i,
      reference: name(query.reference),
      ...(split === "val" ? { target_hard: name(query.target), target_soft: { [name(query.target)]: 1 } } : {}),
      caption: query.caption,
      img_set: { id: i, members: [query.reference, ...strangers(query, 4), query.target].map(name) },
    }));
    await writeJson(`${root}/cirr/captions/cap.rc2.${split}.json`, rows);
    const paths = everything.map((image) => [name(image), `./${folder}/${name(image)}.png`]);
    await writeJson(`${root}/cirr/image_splits/split.rc2.${split}.json`, Object.fromEntries(paths));
    for (const image of withImages ? everything : []) {
      await writeFile(`${root}/${folder}/${name(image)}.png`, draw(image, 48));
    }
  }
}

/** CIRCO, splits val and test, JPEG. */
export async function makeCirco(root: string, withImages = true): Promise<void> {
  const { made, draw } = await material();
  const id = (image: number) => 1000 + image,
    file = (image: number) => `${String(id(image)).padStart(12, "0")}.jpg`;
  const unlabelled = `${root}/COCO2017_unlabeled`;
  for (const split of ["val", "test"]) {
    const rows = made.map((query, i) => ({
      reference_img_id: id(query.reference),
      ...(split === "val"
        ? {
          target_img_id: id(query.target),
          gt_img_ids: [query.target, strangers(query, 1)[0]].map(id),
          semantic_aspects: [i % 2 === 0 ? "addition" : "negation"],
        }
        : {}),
      relative_caption: query.caption,
      shared_concept: "a drawing",
      id: i,
    }));
    await writeJson(`${root}/annotations/${split}.json`, rows);
  }
  const images = everything.map((image) => ({ id: id(image), file_name: file(image) }));
  await writeJson(`${unlabelled}/annotations/image_info_unlabeled2017.json`, { images });
  for (const image of withImages ? everything : []) {
    await writeFile(`${unlabelled}/unlabeled2017/${file(image)}`, await jpeg(draw(image, 64)));
  }
}

/** FashionIQ, split val, three categories; PNG and JPEG mixed. */
export async function makeFashioniq(root: string, withImages = true): Promise<void> {
  const { made, draw } = await material();
  const name = (image: number) => `B${String(image).padStart(4, "0")}`;
  for (const [k, category] of ["dress", "shirt", "toptee"].entries()) {
    const rows = made.slice(4 * k, 4 * k + 4).map((query) => ({
      target: name(query.target),
      candidate: name(query.reference),
      captions: [` ${query.caption}. `, "is nice?"],
    }));
    await writeJson(`${root}/captions/cap.${category}.val.json`, rows);
    await writeJson(`${root}/image_splits/split.${category}.val.json`, everything.map(name));
  }
  for (const image of withImages ? everything : []) {
    const png = draw(image, 40);
    if (image % 2 === 0) await writeFile(`${root}/images/${name(image)}.png`, png);
    else await writeFile(`${root}/images/${name(image)}.jpg`, await jpeg(png));
  }
}

/** GeneCIS, four tasks; the attribute tasks' images are boxes in larger ones. */
export async function makeGenecis(root: string, withImages = true): Promise<void> {
  const { made, draw } = await material();
  for (const task of ["focus_object", "change_object", "focus_attribute", "change_attribute"]) {
    const shown = (image: number) =>
      task.endsWith("object")
        ? { val_image_id: 500 + image }
        : { image_id: 700 + image, instance_id: `${image}`, instance_bbox: [20, 30, 40, 40] };
    const rows = made.map((query) => ({
      condition: query.caption,
      reference: shown(query.reference),
      target: shown(query.target),
      gallery: strangers(query, 14).map(shown),
    }));
    await writeJson(`${root}/genecis/${task}.json`, rows);
  }
  for (const image of withImages ? everything : []) {
    const drawing = draw(image, 40);
    await writeFile(`${root}/val2017/${String(500 + image).padStart(12, "0")}.jpg`, await jpeg(drawing));
    const large = sharp({ create: { width: 90, height: 110, channels: 3, background: "#fff" } })
      .composite([{ input: Buffer.from(drawing), left: 20, top: 30 }]).png();
    const folder = image % 2 === 0 ? "VG_100K" : "VG_100K_2";
    await writeFile(`${root}/${folder}/${700 + image}.jpg`, await jpeg(await large.toBuffer()));
  }
}

/**
 * COCO with object outlines, split val: each image has a drawing on the left, which is drawn as its query, and a crowd of
 * another class, too large to be drawn; the second image's drawing is outlined by run lengths, the third has one class
 * alone, the fourth has nothing to draw.
 */
export async function makeCoco(root: string, withImages = true): Promise<void> {
  const { draw } = await material();
  const images = everything.map((image) => ({
    id: 900 + image,
    file_name: `${900 + image}.jpg`,
    width: 90,
    height: 50,
  }));
  /** Columns 2 to 45, rows 1 to 44. */
  const runs = [2 * 50 + 1, ...Array(43).fill([44, 6]).flat(), 44, 44 * 50 + 5];
  const annotations = everything.flatMap((image) => [
    {
      id: 2 * image,
      image_id: 900 + image,
      category_id: 1,
      iscrowd: image === 1 ? 1 : 0,
      bbox: image === 3 ? [0, 0, 89, 49] : [2.5, 1.5, 43, 43],
      segmentation: image === 1 ? { counts: runs, size: [50, 90] } : [[2, 1, 46, 1, 46, 45, 2, 45]],
    },
    {
      id: 2 * image + 1,
      image_id: 900 + image,
      category_id: image === 2 ? 1 : 2 + image % 2,
      iscrowd: 1,
      bbox: [0, 0, 90, 30],
      segmentation: { counts: [0, 4500], size: [50, 90] },
    },
  ]);
  const categories = [{ id: 1, name: "drawing" }, { id: 2, name: "red triangle" }, { id: 3, name: "blue triangle" }];
  await writeJson(`${root}/annotations/instances_val2017.json`, { images, annotations, categories });
  for (const image of withImages ? everything : []) {
    const scene = sharp({ create: { width: 90, height: 50, channels: 3, background: "#fff" } })
      .composite([{ input: Buffer.from(draw(image, 40)), left: 4, top: 3 }]).png();
    await writeFile(`${root}/val2017/${900 + image}.jpg`, await jpeg(await scene.toBuffer()));
  }
}

/** Instances of i-CIR's miniature, each with a third of the queries. */
export const icirInstances = ["green_frog", "paper_lantern", "the_tower"];

/**
 * i-CIR, split test, JPEG: three instances with databases of their own. Each query has two correct images, the target at
 * two sizes; hard negatives have no text.
 */
export async function makeIcir(root: string, withImages = true): Promise<void> {
  const { made, draw } = await material(), files = new Map<string, [image: number, size: number]>();
  const named = made.flatMap(({ reference, target }) => [reference, target]);
  const negatives = everything.filter((image) => !named.includes(image));
  const queries: string[][] = [], database: string[][] = [];
  const list = (rows: string[][], path: string, image: number, size: number, text: string, instance: string) => {
    files.set(path, [image, size]);
    // As the released program, which reads paths from the parent of the folder.
    rows.push([`icir/${path}`, text, instance]);
  };
  for (const [k, instance] of icirInstances.entries()) {
    for (const { reference, target, caption } of made.filter((_, i) => i % 3 === k)) {
      const folder = `${instance}/${caption.replace(/\W+/g, "_")}`;
      list(queries, `query/${instance}/${reference}.jpg`, reference, 48, caption, instance);
      for (const size of [48, 64]) {
        list(database, `database/${folder}/${target}_pos${size}.jpg`, target, size, caption, instance);
      }
    }
    for (const image of negatives) {
      list(database, `database/${instance}/hn/${instance}_hn${image}.jpg`, image, 48, "", instance);
    }
  }
  const field = (value: string) => /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  for (const [name, rows] of [["query_files.csv", queries], ["database_files.csv", database]] as const) {
    const text = rows.map((row) => row.map(field).join(",") + "\n").join("");
    await writeFile(`${root}/${name}`, new TextEncoder().encode(text));
  }
  for (const [path, [image, size]] of withImages ? files : []) {
    await writeFile(`${root}/${path}`, await jpeg(draw(image, size)));
  }
}
