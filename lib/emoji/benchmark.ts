/** The embedded benchmark, put together: pictures, families, split, edits, queries. All from the packages and a seed. */
import { type Random, random } from "../training/random.ts";
import { type Emoji, emojiCatalogue } from "./catalogue.ts";
import { type Edit, type EditKind, editKinds, listEdits } from "./edits.ts";
import { groupFamilies, type Split, splitFamilies } from "./families.ts";
import { pictureTwins } from "./picture_twins.ts";
import { type IconSet, loadIcons, type PictureStyle, pictureStyles } from "./icons.ts";
import { drawPictures, type PictureSet } from "./pictures.ts";
import { conditioningText, type Wording, wordings } from "./wording.ts";

/** Everything the benchmark is made of. */
export interface EmojiBenchmark {
  /** All emoji, with or without a picture. */
  emoji: Emoji[];
  /** The drawings as vectors, for showing. */
  icons: Record<PictureStyle, IconSet>;
  /** The drawings as the model sees them. */
  pictures: Record<PictureStyle, PictureSet>;
  /** For each Noto picture the places of all that are identical to it. */
  twins: number[][];
  /** The part of each family. */
  parts: Map<string, Split>;
  /** Edits between emoji that Noto draws. */
  edits: Record<Split, Edit[]>;
  splitSeed: number;
}

/** One query: an edit with its texts. */
export interface EmojiQuery extends Edit {
  texts: Record<Wording, string>;
}

/** The edit kinds whose mean is the benchmark's figure; the others have too few families to count. */
export const macroKinds: readonly EditKind[] = ["gender", "tone", "role", "colour", "hair", "two"];

/** The seed of the split that every table uses unless it says otherwise; drawn before any result was seen. */
export const defaultSplitSeed = 0;

/** Builds the benchmark; takes a few seconds, most of them for drawing. */
export async function emojiBenchmark(
  splitSeed = defaultSplitSeed,
  onDrawn: (done: number, total: number) => void = () => {},
): Promise<EmojiBenchmark> {
  const emoji = emojiCatalogue();
  const wanted = new Set(emoji.map(({ code }) => code));
  const icons = {} as EmojiBenchmark["icons"], drawn = {} as EmojiBenchmark["pictures"];
  for (const style of pictureStyles) icons[style] = await loadIcons(style);
  const total = Object.values(icons).reduce((sum, { names }) => sum + names.size, 0);
  let before = 0;
  for (const style of pictureStyles) {
    drawn[style] = await drawPictures(icons[style], wanted, (done) => onDrawn(before + done, total));
    before += icons[style].names.size;
    onDrawn(before, total);
  }
  const shown = new Set(drawn.noto.codes);
  const withPicture = emoji.filter(({ code }) => shown.has(code));
  const parts = splitFamilies(groupFamilies(withPicture), random(splitSeed));
  return {
    emoji,
    icons,
    pictures: drawn,
    twins: pictureTwins(drawn.noto),
    parts,
    edits: {
      train: listEdits(withPicture, parts, "train"),
      validation: listEdits(withPicture, parts, "validation"),
      test: listEdits(withPicture, parts, "test"),
    },
    splitSeed,
  };
}

/**
 * Queries of one part: at most `most` of each kind of edit, spread over the families as evenly as they allow, always
 * the same for the same benchmark. An edit whose two pictures are identical in Noto asks for nothing and is no query.
 */
export function emojiQueries(benchmark: EmojiBenchmark, split: Split, most = 200): EmojiQuery[] {
  const rng = random(benchmark.splitSeed + 1000);
  const groupOf = new Map(benchmark.pictures.noto.codes.map((code, i) => [code, benchmark.twins[i]]));
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
