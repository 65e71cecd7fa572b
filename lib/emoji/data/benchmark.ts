/** Builds the embedded benchmark (images, families, split, edits, queries) from npm packages and a seed. */
import type { OnProgress } from "../../io/on_progress.ts";
import { type Random, random } from "../../tensors/random.ts";
import { type Emoji, emojiCatalogue } from "./catalogue.ts";
import { type Edit, type EditKind, editKinds, listEdits } from "./edits.ts";
import { groupFamilies, type Split, splitFamilies } from "./families.ts";
import { imageDuplicates } from "./duplicates.ts";
import { type BenchmarkStyle, benchmarkStyles, type IconSet, loadIcons } from "../../embedded/icons.ts";
import { drawImages, type ImageSet } from "./images.ts";
import { conditioningText, type Wording, wordings } from "./wording.ts";

/** The embedded benchmark: composed queries over emoji, whose images are icons of two styles. */
export interface EmojiBenchmark {
  /** All emoji, with or without an image. */
  emoji: Emoji[];
  /** The icons of each style as SVG, for display. */
  icons: Record<BenchmarkStyle, IconSet>;
  /** The images of each style as pixels, as the image tower reads them. */
  images: Record<BenchmarkStyle, ImageSet>;
  /** For each Noto image the indices of all images with the same pixels, itself included. */
  duplicates: number[][];
  /** The split of each family, by the name of the family. */
  parts: Map<string, Split>;
  /** The edits of each split, between emoji that have a Noto image. */
  edits: Record<Split, Edit[]>;
  /** Seed from which the split was drawn. */
  splitSeed: number;
}

/** One query: an edit with its conditioning texts. */
export interface EmojiQuery extends Edit {
  /** The conditioning text in each wording. */
  texts: Record<Wording, string>;
}

/** The edit kinds that the macro mean averages, the benchmark's main figure; the others have too few families. */
export const macroKinds: readonly EditKind[] = ["gender", "tone", "role", "colour", "hair", "two"];

/** The seed of the default split; chosen before any result was known. */
export const defaultSplitSeed = 0;

/** Choices of {@linkcode emojiBenchmark}. */
export interface EmojiBenchmarkOptions {
  /** Seed of the split into train, validation and test families; {@linkcode defaultSplitSeed} by default. */
  splitSeed?: number;
  /** Called while images are drawn, with the number of icons done and their total over all styles. */
  onProgress?: OnProgress;
}

/**
 * Builds the embedded benchmark. It takes a few seconds, most of them for rasterising the icons.
 *
 * @throws {Error} if an npm package that it is built from cannot be read
 * @example
 * ```ts
 * import { emojiBenchmark } from "@rtd/toolkit";
 *
 * const { emoji, images, edits } = await emojiBenchmark({ splitSeed: 0 });
 * console.log(emoji.length, images.noto.codes.length, edits.test.length);
 * ```
 */
export async function emojiBenchmark(
  { splitSeed = defaultSplitSeed, onProgress = () => {} }: EmojiBenchmarkOptions = {},
): Promise<EmojiBenchmark> {
  const emoji = await emojiCatalogue();
  const wanted = new Set(emoji.map(({ code }) => code));
  const icons = {} as EmojiBenchmark["icons"], drawn = {} as EmojiBenchmark["images"];
  for (const style of benchmarkStyles) icons[style] = await loadIcons(style);
  const total = Object.values(icons).reduce((sum, { names }) => sum + names.size, 0);
  let before = 0;
  for (const style of benchmarkStyles) {
    drawn[style] = await drawImages(icons[style], wanted, (done) => onProgress(before + done, total));
    before += icons[style].names.size;
    onProgress(before, total);
  }
  const notoCodes = new Set(drawn.noto.codes);
  const withImage = emoji.filter(({ code }) => notoCodes.has(code));
  const parts = splitFamilies(groupFamilies(withImage), random(splitSeed));
  return {
    emoji,
    icons,
    images: drawn,
    duplicates: imageDuplicates(drawn.noto),
    parts,
    edits: {
      train: listEdits(withImage, parts, "train"),
      validation: listEdits(withImage, parts, "validation"),
      test: listEdits(withImage, parts, "test"),
    },
    splitSeed,
  };
}

/**
 * Draws the queries of one split: up to `most` of each edit kind, spread over the families as evenly as possible. The
 * same benchmark always gives the same queries. An edit between two emoji with the same Noto image, pixel for pixel,
 * gives none.
 *
 * @param split the split whose edits become queries
 * @param most largest number of queries of each edit kind; 200 by default
 * @example
 * ```ts
 * import { emojiBenchmark, emojiQueries } from "@rtd/toolkit";
 *
 * const queries = emojiQueries(await emojiBenchmark(), "test", 10);
 * const { reference, texts, target } = queries[0];
 * console.log(`${reference.caption} + "${texts.seen}" -> ${target.caption}`);
 * ```
 */
export function emojiQueries(benchmark: EmojiBenchmark, split: Split, most = 200): EmojiQuery[] {
  const rng = random(benchmark.splitSeed + 1000);
  const groupOf = new Map(benchmark.images.noto.codes.map((code, i) => [code, benchmark.duplicates[i]]));
  const visible = benchmark.edits[split].filter(({ reference, target }) =>
    groupOf.get(reference.code) !== groupOf.get(target.code)
  );
  return editKinds.flatMap((kind) => {
    const edits = visible.filter((edit) => edit.kind === kind);
    return spread(edits, most, rng).map((edit) => ({
      ...edit,
      texts: Object.fromEntries(
        wordings.map((wording) => [wording, conditioningText(edit.changes, wording, rng)]),
      ) as Record<Wording, string>,
    }));
  });
}

/** Picks one edit of each family in turn, in random order within a family, until there are `most`. */
function spread(edits: readonly Edit[], most: number, rng: Random): Edit[] {
  const families = Map.groupBy(rng.shuffle(edits), ({ reference }) => reference.family);
  const chosen: Edit[] = [];
  for (let turn = 0; chosen.length < Math.min(most, edits.length); turn++) {
    for (const same of families.values()) {
      if (turn < same.length && chosen.length < most) chosen.push(same[turn]);
    }
  }
  return chosen;
}
