/** Triplets from pairs of captions that differ in one span of a few words, as CoVR finds them. */
import type { OnProgress } from "../../io/on_progress.ts";
import { random } from "../../tensors/random.ts";
import type { TagWords } from "../tagger.ts";
import { comparable } from "./caption_list.ts";
import { drop, type Dropped, type MadeTriplet } from "./made_triplet.ts";
import { ringPairs, spanGroups, type SpannedCaption } from "./masked_spans.ts";
import type { SourceCaption } from "./source_captions.ts";
import { type SpanInWords, wordSpanChange } from "./span_change.ts";
import { wordsOf } from "./words.ts";

/** Options of {@linkcode differenceTriplets}. */
export interface DifferenceOptions {
  /** Part-of-speech tagger. */
  tag: TagWords;
  /** Seed of all draws. */
  seed: number;
  /** Triplets to make; as many as there are by default. */
  count?: number;
  /** Words of a span, at most (default 3). */
  spanWords?: number;
  /** Words that two captions share, at least (default 4). */
  sharedWords?: number;
  /** Where pairs that gave no triplet are counted, by reason. */
  dropped?: Dropped;
  /** Called with the captions looked at and all of them; then, with the note "made", with the pairs done and all. */
  onProgress?: OnProgress;
}

/** Pairs between two calls about how far it is. */
const atOnce = 1024;

/**
 * Makes triplets from pairs of captions that are the same but for one span, whose words are not empty in either; the
 * pairs come in an order that the seed shuffles. Letter case and the sign at a caption's end make no difference.
 *
 * Pairs are left out if they describe one image, if captions of one image anywhere in the corpus differ in the same two
 * spans (people see the same in both: "bike" and "bicycle"), or if their spans differ in words that an image does not
 * show, or in their forms alone.
 *
 * Time and memory grow with the number of words: a group of M captions that are the same but for one span gives at most
 * M pairs, each of its captions once as the reference.
 *
 * @param captions of which no two are the same, with single spaces
 * @example
 * ```ts
 * import { differenceTriplets, loadTagger } from "@rtd/toolkit/triplets";
 * import { assertEquals } from "@std/assert";
 *
 * const captions = ["a man riding a horse on the beach", "a man riding a bike on the beach"];
 * const places = captions.map((text, i) => ({ text, at: { line: i + 1 } }));
 * const triplets = await Array.fromAsync(differenceTriplets(places, { tag: await loadTagger(), seed: 1 }));
 * assertEquals(triplets.map(({ reference }) => reference).sort(), captions.toSorted());
 * console.log(triplets[0].conditioning);
 * ```
 */
export async function* differenceTriplets(
  captions: readonly SourceCaption[],
  options: DifferenceOptions,
): AsyncGenerator<MadeTriplet, void, void> {
  const { tag, seed, spanWords: most = 3, sharedWords: leastShared = 4, dropped = new Map(), onProgress = () => {} } =
    options;
  const texts = captions.map(({ text }) => comparable(text)), rng = random(seed);
  const same = new Set<string>(), pairs: [SpannedCaption, SpannedCaption][] = [];
  const spanOf = ({ caption, start, end }: SpannedCaption) => texts[caption].split(" ").slice(start, end);
  const isMinimal = (a: SpannedCaption, b: SpannedCaption) => {
    const [one, other] = [spanOf(a), spanOf(b)];
    // Otherwise a part of the span is shared, and another group has the pair; or a word was only added.
    return one[0] !== other[0] && one.at(-1) !== other.at(-1);
  };
  const ofOneImage = (a: SpannedCaption, b: SpannedCaption) =>
    captions[a.caption].image !== undefined && captions[a.caption].image === captions[b.caption].image;
  for await (const group of spanGroups(texts, { most, leastShared }, onProgress)) {
    for (const [a, b] of pairsOfOneImage(group, (member) => captions[member.caption].image)) {
      if (!isMinimal(a, b)) continue;
      drop(dropped, "pair of captions of one image");
      const [one, other] = [spanOf(a).join(" "), spanOf(b).join(" ")];
      same.add(`${one}\n${other}`).add(`${other}\n${one}`);
    }
    pairs.push(...ringPairs(group, (a, b) => isMinimal(a, b) && !ofOneImage(a, b), rng));
  }
  let left = options.count ?? Infinity;
  for (const [i, [reference, target]] of rng.shuffle(pairs).entries()) {
    if (left === 0) return;
    if (i % atOnce === 0) onProgress(i, pairs.length, "made");
    const change = [spanOf(reference).join(" "), spanOf(target).join(" ")] as [string, string];
    if (same.has(change.join("\n"))) {
      drop(dropped, "pair that differs as captions of one image do");
      continue;
    }
    const old = inWords(texts[reference.caption], reference, tag), now = inWords(texts[target.caption], target, tag);
    if (!old || !now) {
      drop(dropped, "pair that the tagger could not split");
      continue;
    }
    const worded = wordSpanChange(old, now, rng);
    if ("reason" in worded) {
      drop(dropped, worded.reason);
      continue;
    }
    left--;
    yield {
      reference: captions[reference.caption].text,
      conditioning: worded.text,
      target: captions[target.caption].text,
      provenance: {
        method: "difference",
        captions: [captions[reference.caption].at, captions[target.caption].at],
        seed,
        template: worded.template,
        swap: change,
      },
    };
  }
}

/** The pairs of a group's captions that describe one image. */
function* pairsOfOneImage(
  group: readonly SpannedCaption[],
  imageOf: (member: SpannedCaption) => string | number | undefined,
): Generator<[SpannedCaption, SpannedCaption]> {
  for (const [image, members] of Map.groupBy(group, imageOf)) {
    if (image === undefined) continue;
    for (const [i, a] of members.entries()) for (const b of members.slice(i + 1)) yield [a, b];
  }
}

/** A span given by the words between spaces as a span of the tagger's words. */
function inWords(text: string, { start, end }: SpannedCaption, tag: TagWords): SpanInWords | undefined {
  const parts = text.split(" "), from = parts.slice(0, start).join(" ").length + (start > 0 ? 1 : 0);
  const to = from + parts.slice(start, end).join(" ").length, words = wordsOf(text, tag);
  const first = words?.findIndex((word) => word.start === from), last = words?.findIndex((word) => word.end === to);
  return words && first! >= 0 && last! >= first! ? { words, start: first!, end: last! + 1 } : undefined;
}
