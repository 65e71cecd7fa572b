/**
 * The embedded benchmark as files that a user would have: triplets as JSON lines, and queries with their images in CIRR's
 * layout. What works on them works on real ones.
 */
import { loadSharp } from "../../io/load_sharp.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { writeAtomically } from "../../io/atomic_write.ts";
import { rasterise, startRasteriser } from "../../io/rasterise_svg.ts";
import { random } from "../../tensors/random.ts";
import { type EmojiBenchmark, emojiQueries } from "./benchmark.ts";
import type { Split } from "./families.ts";
import { editSampler } from "./triplets.ts";

/** Width and height of an image file, pixels: large enough to be looked at. */
const side = 96;

/** Members of a group of similar images, the reference among them. */
const groupSize = 6;

/** Triplets that are drawn at once. */
const atOnce = 8;

/** Options of {@linkcode writeEmojiFiles}. */
export interface EmojiFilesOptions {
  /** The benchmark. */
  benchmark: EmojiBenchmark;
  /** Triplets to write, edits of train families in words; 4,000 by default. */
  triplets?: number;
  /** Families whose edits become the queries: "validation" by default. */
  split?: Split;
  /** Largest number of queries of each kind of edit; 100 by default. */
  most?: number;
  /** Seed of the triplets and the groups; 1 by default. */
  seed?: number;
  /** Called with the images that were written, and their total. */
  onProgress?: OnProgress;
}

/** Where {@linkcode writeEmojiFiles} wrote. */
export interface EmojiFiles {
  /** The triplets, JSON lines in the form of RTD's own. */
  triplets: string;
  /** The root of a benchmark in CIRR's layout, split "val". */
  cirr: string;
}

/**
 * Writes triplets of train families to `triplets.jsonl`, and queries of other families, with the Noto images as a
 * gallery, in the layout of CIRR's split "val". Of images that are the same pixel for pixel one is in the gallery, and a
 * query's group are images of its family.
 *
 * @param folder made if it is missing; what is there is written over, and images that are there are kept
 * @example
 * ```ts ignore
 * import { emojiBenchmark } from "@rtd/toolkit";
 * import { writeEmojiFiles } from "@rtd/toolkit/emoji";
 *
 * const { triplets, cirr } = await writeEmojiFiles("data", { benchmark: await emojiBenchmark() });
 * console.log(triplets, cirr);
 * ```
 */
export async function writeEmojiFiles(
  folder: Path,
  { benchmark, triplets = 4000, split = "validation", most = 100, seed = 1, onProgress = () => {} }: EmojiFilesOptions,
): Promise<EmojiFiles> {
  const { images: { noto: { codes } }, duplicates, emoji } = benchmark, rng = random(seed);
  const shown = codes.filter((_, i) => duplicates[i][0] === i);
  const imageOf = new Map(codes.map((code, i) => [code, `noto-${codes[duplicates[i][0]]}`]));
  const families = Map.groupBy(emoji.filter(({ code }) => imageOf.has(code)), ({ family }) => family);
  const rows = emojiQueries(benchmark, split, most).map(({ reference, target, texts }, id) => {
    const own = [reference, target].map(({ code }) => imageOf.get(code)!);
    const family = families.get(reference.family)!.map(({ code }) => imageOf.get(code)!);
    const others = rng.shuffle([...new Set(family)].filter((image) => !own.includes(image)));
    const more = rng.shuffle(shown.slice(0, 50)).map((code) => `noto-${code}`).filter((image) => !own.includes(image));
    const members = [...new Set([...own, ...others, ...more])].slice(0, groupSize);
    return {
      pairid: id,
      reference: own[0],
      target_hard: own[1],
      target_soft: { [own[1]]: 1 },
      caption: texts.seen,
      img_set: { id, members },
    };
  });
  const files = { triplets: inFolder(folder, "triplets.jsonl"), cirr: inFolder(folder, "cirr") };
  const path = (code: string) => `dev/noto-${code}.png`;
  await writeImages(benchmark, shown.map((code) => ({ code, file: `${files.cirr}/${path(code)}` })), onProgress);
  const listing = Object.fromEntries(shown.map((code) => [`noto-${code}`, `./${path(code)}`]));
  await writeAtomically(`${files.cirr}/cirr/image_splits/split.rc2.val.json`, JSON.stringify(listing));
  await writeAtomically(`${files.cirr}/cirr/captions/cap.rc2.val.json`, JSON.stringify(rows));
  const sampler = editSampler(benchmark.edits.train)(seed), lines: string[] = [];
  // A draw has no caption twice, which a large one could not keep up.
  while (lines.length < triplets) {
    for (const { reference, conditioning, target } of sampler.next(Math.min(atOnce, triplets - lines.length))) {
      const row = { reference_caption: reference, conditioning_caption: conditioning, target_caption: target };
      lines.push(JSON.stringify(row));
    }
  }
  await writeAtomically(files.triplets, lines.join("\n") + "\n");
  return files;
}

/** Draws images that are not there yet. */
async function writeImages(
  { icons: { noto } }: EmojiBenchmark,
  images: readonly { code: string; file: string }[],
  onProgress: OnProgress,
): Promise<void> {
  await startRasteriser();
  const sharp = await loadSharp(), raw = { width: side, height: side, channels: 4 } as const;
  for (const [i, { code, file }] of images.entries()) {
    if (!await Deno.stat(file).then(() => true, () => false)) {
      const pixels = rasterise(noto.svg(code, side));
      await writeAtomically(file, new Uint8Array(await sharp(pixels, { raw }).removeAlpha().png().toBuffer()));
    }
    if (i % 50 === 49 || i + 1 === images.length) onProgress(i + 1, images.length);
  }
}
