/** The embedded drawings as the page shows them: Noto emoji, each different one once, with searches to begin with. */
import { defaultSplitSeed } from "../emoji/data/benchmark.ts";
import { type Emoji, emojiCatalogue } from "../emoji/data/catalogue.ts";
import { imageDuplicates } from "../emoji/data/duplicates.ts";
import { type Edit, listEdits } from "../emoji/data/edits.ts";
import { groupFamilies, splitFamilies } from "../emoji/data/families.ts";
import { loadIcons } from "../embedded/icons.ts";
import { drawImages, emojiSize } from "../emoji/data/images.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { random } from "../tensors/random.ts";
import type { Example } from "./collection.ts";

/** The drawings with what is known of them. */
export interface Drawings {
  /** The emoji that have a drawing, one for each different drawing, in catalogue order. */
  emoji: Emoji[];
  /** `[N, 32, 32, 3]` bytes, in the order of `emoji`. */
  pixels: Uint8Array;
  /** A drawing as SVG. */
  svg(row: number): string;
  /** The edits of train families. */
  trainEdits: Edit[];
  /** Searches to begin with, of families that no training text has touched. */
  examples: Example[];
  /** Name and licence of the drawings. */
  credit: string;
}

/**
 * Searches to begin with: one of each kind of edit, all of test families, chosen before any of their results was known;
 * the plainest comes first.
 */
const examples: readonly (readonly [string, string])[] = [
  ["red apple", "is green"],
  ["man police officer", "is a woman"],
  ["thumbs up", "has dark skin tone"],
  ["woman artist medium skin tone", "is a pilot"],
  ["man student", "is a woman with dark skin tone"],
];

/** Draws the Noto emoji. @param onProgress called with the number of drawings done and their total */
export async function drawEmoji(onProgress: OnProgress = () => {}): Promise<Drawings> {
  const catalogue = await emojiCatalogue(), icons = await loadIcons("noto");
  const wanted = new Set(catalogue.map(({ code }) => code)), total = icons.names.size;
  const images = await drawImages(icons, wanted, (done) => onProgress(done, total));
  onProgress(total, total);
  const indexOf = new Map(images.codes.map((code, index) => [code, index]));
  const withImage = catalogue.filter(({ code }) => indexOf.has(code));
  // Of drawings that are equal pixel for pixel the first is shown; the others would only repeat it.
  const duplicates = imageDuplicates(images), firsts = new Set<number>();
  const emoji = withImage.filter(({ code }) => {
    const first = duplicates[indexOf.get(code)!][0];
    return !firsts.has(first) && firsts.add(first);
  });
  const bytes = emojiSize * emojiSize * 3, pixels = new Uint8Array(emoji.length * bytes);
  emoji.forEach(({ code }, row) => {
    const index = indexOf.get(code)!;
    pixels.set(images.pixels.subarray(index * bytes, (index + 1) * bytes), row * bytes);
  });
  const rowOf = new Map(emoji.map(({ caption }, row) => [caption, row]));
  return {
    emoji,
    pixels,
    svg: (row) => icons.svg(emoji[row].code, 128),
    trainEdits: listEdits(withImage, splitFamilies(groupFamilies(withImage), random(defaultSplitSeed)), "train"),
    examples: examples.map(([caption, text]) => ({ row: rowOf.get(caption)!, text })),
    credit: images.source,
  };
}
