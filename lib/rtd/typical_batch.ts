/** A batch whose lengths are those of all texts, for what must be known before a batch is drawn. */
import type { Tokenizer } from "../clip/model/tokenizer.ts";

/** Returns B texts whose lengths are spread as those of all are, the shortest and the longest among them. */
export function typicalBatch(texts: readonly string[], B: number, tokenizer: Pick<Tokenizer, "encode">): string[] {
  const lengths = new Map(texts.map((text) => [text, tokenizer.encode([text]).length]));
  const sorted = texts.toSorted((a, b) => lengths.get(a)! - lengths.get(b)!);
  return Array.from({ length: B }, (_, i) => sorted[at(i, B, sorted.length)]);
}

/** Returns `most` items at even distances, the first and the last among them; all where there are no more. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[at(i, most, items.length)]);
}

/** The index of the i-th of `count` even distances over `length` items; the last one if there is but one. */
function at(i: number, count: number, length: number): number {
  return count === 1 ? length - 1 : Math.round(i * (length - 1) / (count - 1));
}
