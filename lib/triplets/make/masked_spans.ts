/**
 * Captions that differ in one span of a few words, found by the hash of what is left when the span is masked: time and
 * memory grow with the number of words, not with that of pairs.
 */
import { nextTurn } from "../../io/next_turn.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import type { Random } from "../../tensors/random.ts";

/** A caption with a span of it: its index, the index of the span's first word, and that behind the last. */
export interface SpannedCaption {
  caption: number;
  start: number;
  end: number;
}

/** Captions that are the same but for their spans. */
export type SpanGroup = SpannedCaption[];

/** Captions in a row that are tried as a partner of one in its group. */
const mostTried = 8;

/** Captions that are looked at between two turns of other work. */
const atOnce = 4096;

/**
 * Finds the groups of captions that are the same but for a span.
 *
 * @param texts words separated by single spaces; no two are the same
 * @param most words of a span
 * @param leastShared words that stay beside the span, at least
 */
export async function* spanGroups(
  texts: readonly string[],
  { most, leastShared }: { most: number; leastShared: number },
  onProgress: OnProgress = () => {},
): AsyncGenerator<SpanGroup, void, void> {
  const numbers = numberWords(), total = 2 * texts.length;
  const step = async (done: number) => {
    if (done % atOnce !== 0 && done !== total) return;
    onProgress(done, total);
    await nextTurn();
  };
  let count = 0;
  for (const text of texts) count += spanCount(text, most, leastShared);
  const keys = new Float64Array(count);
  count = 0;
  for (const [i, text] of texts.entries()) {
    forEachSpan(wordNumbers(text, numbers), most, leastShared, (key) => keys[count++] = key);
    await step(i + 1);
  }
  const groups = repeated(keys.sort());
  const members = new Int32Array(3 * groups.offsets.at(-1)!), filled = new Int32Array(groups.keys.length);
  for (const [caption, text] of texts.entries()) {
    forEachSpan(wordNumbers(text, numbers), most, leastShared, (key, start, end) => {
      const group = indexOf(groups.keys, key);
      if (group >= 0) members.set([caption, start, end], 3 * (groups.offsets[group] + filled[group]++));
    });
    await step(texts.length + caption + 1);
  }
  for (let group = 0; group < groups.keys.length; group++) {
    const found: SpanGroup = [];
    for (let at = groups.offsets[group]; at < groups.offsets[group + 1]; at++) {
      const [caption, start, end] = members.subarray(3 * at, 3 * at + 3);
      found.push({ caption, start, end });
    }
    yield found;
  }
}

/**
 * Pairs each caption of a group with another that `fits`: a ring in random order, so that a group of M captions gives
 * at most M pairs.
 */
export function ringPairs(
  group: SpanGroup,
  fits: (a: SpannedCaption, b: SpannedCaption) => boolean,
  rng: Random,
): [SpannedCaption, SpannedCaption][] {
  const ring = rng.shuffle(group), pairs: [SpannedCaption, SpannedCaption][] = [];
  for (const [i, one] of ring.entries()) {
    for (let step = 1; step < ring.length && step <= mostTried; step++) {
      const other = ring[(i + step) % ring.length];
      if (!fits(one, other)) continue;
      pairs.push([one, other]);
      break;
    }
  }
  return pairs;
}

/** A number from 1 on for each different word. */
function numberWords(): (word: string) => number {
  const known = new Map<string, number>();
  return (word) => {
    let number = known.get(word);
    if (number === undefined) known.set(word, number = known.size + 1);
    return number;
  };
}

const wordNumbers = (text: string, numberOf: (word: string) => number) => text.split(" ").map(numberOf);

/** Number of spans that {@linkcode forEachSpan} calls back with. */
function spanCount(text: string, most: number, leastShared: number): number {
  const count = text.split(" ").length, longest = Math.min(most, count - leastShared);
  let spans = 0;
  for (let length = 1; length <= longest; length++) spans += count - length + 1;
  return spans;
}

/** Calls back with the key of each masked span: 53 bits of a polynomial hash of the words before and behind it. */
function forEachSpan(
  words: readonly number[],
  most: number,
  leastShared: number,
  found: (key: number, start: number, end: number) => void,
): void {
  const count = words.length, longest = Math.min(most, count - leastShared);
  if (longest < 1) return;
  // Hashes of the words before each index, and of those from each index on, in two independent halves.
  const before = new Int32Array(2 * count + 2), behind = new Int32Array(2 * count + 2);
  for (let i = 0; i < count; i++) {
    before[2 * i + 2] = Math.imul(before[2 * i], 0x01000193) + mixed(words[i]);
    before[2 * i + 3] = Math.imul(before[2 * i + 1], 0x2c1b3c6d) + mixed(words[i] + 0x51ed270b);
  }
  for (let i = count - 1; i >= 0; i--) {
    behind[2 * i] = Math.imul(behind[2 * i + 2], 0x297a2d39) + mixed(words[i]);
    behind[2 * i + 1] = Math.imul(behind[2 * i + 3], 0x165667b1) + mixed(words[i] + 0x51ed270b);
  }
  for (let start = 0; start < count; start++) {
    for (let end = start + 1; end <= Math.min(count, start + longest); end++) {
      const high = mixed(mixed(before[2 * start]) + Math.imul(behind[2 * end], 3) + start);
      const low = mixed(mixed(before[2 * start + 1]) + Math.imul(behind[2 * end + 1], 5) + count - end);
      found((high >>> 11) * 2 ** 32 + (low >>> 0), start, end);
    }
  }
}

/** Spreads the bits of a 32-bit integer. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}

/** The keys of a sorted list that stand in it more than once, and the sums of their counts before each. */
function repeated(sorted: Float64Array): { keys: Float64Array; offsets: Int32Array } {
  const count = (each: (key: number, size: number) => void) => {
    for (let from = 0, to = 0; from < sorted.length; from = to) {
      while (to < sorted.length && sorted[to] === sorted[from]) to++;
      if (to - from > 1) each(sorted[from], to - from);
    }
  };
  let size = 0;
  count(() => size++);
  const keys = new Float64Array(size), offsets = new Int32Array(size + 1);
  size = 0;
  count((key, members) => {
    keys[size] = key;
    offsets[size + 1] = offsets[size] + members;
    size++;
  });
  return { keys, offsets };
}

/** Index of a key in a sorted list; -1 if it is not there. */
function indexOf(sorted: Float64Array, key: number): number {
  let low = 0, high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] === key) return middle;
    if (sorted[middle] < key) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
