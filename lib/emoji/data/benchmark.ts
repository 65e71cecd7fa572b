/** The embedded benchmark, put together: images, families, split, edits, queries. All from the packages and a seed. */
import type { OnProgress } from "../../io/on_progress.ts";
import { type Random, random } from "../../tensors/random.ts";
import { type Emoji, emojiCatalogue } from "./catalogue.ts";
import { type Edit, type EditKind, editKinds, listEdits } from "./edits.ts";
import { groupFamilies, type Split, splitFamilies } from "./families.ts";
import { imageDuplicates } from "./duplicates.ts";
import { type IconSet, type ImageStyle, imageStyles, loadIcons } from "./icons.ts";
import { drawImages, type ImageSet } from "./images.ts";
import { conditioningText, type Wording, wordings } from "./wording.ts";

/** Everything the benchmark is made of. */
export interface EmojiBenchmark {
  /** All emoji, with or without an image. */
  emoji: Emoji[];
  /** The drawings as vectors, for showing. */
  icons: Record<ImageStyle, IconSet>;
  /** The drawings as the model sees them. */
  images: Record<ImageStyle, ImageSet>;
  /** For each Noto image the indices of all images with the same pixels, itself included. */
  duplicates: number[][];
  /** The split of each family. */
  parts: Map<string, Split>;
  /** Edits between emoji that Noto draws. */
  edits: Record<Split, Edit[]>;
  /** Seed of the split. */
  splitSeed: number;
}

/** One query: an edit with its conditioning texts. */
export interface EmojiQuery extends Edit {
  /** The conditioning text in each wording. */
  texts: Record<Wording, string>;
}

/** The edit kinds whose mean is the benchmark's figure; the others have too few families to count. */
export const macroKinds: readonly EditKind[] = ["gender", "tone", "role", "colour", "hair", "two"];

/** The seed of the split that every table uses unless it says otherwise; drawn before any result was seen. */
export const defaultSplitSeed = 0;

/** Choices of {@linkcode emojiBenchmark}. */
export interface EmojiBenchmarkOptions {
  /** Seed of the split into train, validation and test families; {@linkcode defaultSplitSeed} by default. */
  splitSeed?: number;
  /** Called while images are drawn. */
  onProgress?: OnProgress;
}

/** Builds the benchmark from the packages; it takes a few seconds, most of them for drawing. */
export async function emojiBenchmark(
  { splitSeed = defaultSplitSeed, onProgress = () => {} }: EmojiBenchmarkOptions = {},
): Promise<EmojiBenchmark> {
  const emoji = await emojiCatalogue();
  const wanted = new Set(emoji.map(({ code }) => code));
  const icons = {} as EmojiBenchmark["icons"], drawn = {} as EmojiBenchmark["images"];
  for (const style of imageStyles) icons[style] = await loadIcons(style);
  const total = Object.values(icons).reduce((sum, { names }) => sum + names.size, 0);
  let before = 0;
  for (const style of imageStyles) {
    drawn[style] = await drawImages(icons[style], wanted, (done) => onProgress(before + done, total));
    before += icons[style].names.size;
    onProgress(before, total);
  }
  const shown = new Set(drawn.noto.codes);
  const withImage = emoji.filter(({ code }) => shown.has(code));
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
 * Draws the queries of one split: at most `most` of each kind of edit, spread over the families as evenly as they allow,
 * always the same for the same benchmark. An edit whose two images are identical in Noto asks for nothing and is no query.
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

/** Takes one edit of each family in turn until there are enough. */
function spread(edits: readonly Edit[], most: number, rng: Random): Edit[] {
  const families = new Map<string, Edit[]>();
  for (const edit of rng.shuffle(edits)) {
    const same = families.get(edit.reference.family) ?? [];
    same.push(edit);
    families.set(edit.reference.family, same);
  }
  const chosen: Edit[] = [];
  for (let turn = 0; chosen.length < Math.min(most, edits.length); turn++) {
    for (const same of families.values()) {
      if (turn < same.length && chosen.length < most) chosen.push(same[turn]);
    }
  }
  return chosen;
}
