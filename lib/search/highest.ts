/** The highest of many scores, without sorting them all. */

/**
 * Returns the indices of the highest scores, best first; of equal scores the first in order comes first.
 *
 * @param count how many
 * @param without an index that is left out
 */
export function highest(scores: ArrayLike<number>, count: number, without?: number): number[] {
  const best: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index];
    if (index === without || (best.length === count && !(score > least))) continue;
    // Found from the end, since most of what is inserted belongs there.
    let at = best.length;
    while (at > 0 && scores[best[at - 1]] < score) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
    if (best.length === count) least = scores[best[count - 1]];
  }
  return best;
}
