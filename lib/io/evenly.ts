/** Some of many things, at even distances. */

/**
 * Returns at most `most` of the indices below `length`, in ascending order: at even distances, the first and the last
 * among them; the last alone where one is wanted, all where there are no more.
 */
export function evenly(length: number, most: number): number[] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, i) => evenIndex(i, count, length));
}

/** The i-th of `count` even distances over `length` indices; where `count` is larger, indices recur. */
export function evenIndex(i: number, count: number, length: number): number {
  return count === 1 ? length - 1 : Math.round(i * (length - 1) / (count - 1));
}
