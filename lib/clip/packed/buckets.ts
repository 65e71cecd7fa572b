/** Groups of texts of similar length, each padded to its own longest text. */

/**
 * Chooses groups of rows so that little is padded: rows are taken by length, and cut into at most `most` runs such that
 * the sum of `rows * longest + cost` over all runs is smallest. The choice depends on the lengths alone, so that a
 * resumed training makes the same one.
 *
 * @param lengths tokens of each row, from 1
 * @param most largest number of groups, from 1
 * @param cost what one more group costs, in tokens
 * @returns the rows of each group, shortest first; rows of one length keep their order
 */
export function lengthBuckets(
  lengths: readonly number[],
  { most, cost }: { most: number; cost: number },
): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b]);
  // Only the last row of a length can end a group. ends[i] rows are at most as long as the i-th distinct length.
  const ends: number[] = [];
  order.forEach((row, i) => {
    if (i + 1 === order.length || lengths[order[i + 1]] !== lengths[row]) ends.push(i + 1);
  });
  const longest = ends.map((end) => lengths[order[end - 1]]);
  const count = ends.length;
  // least[g][i]: the least sum for the rows of the first i + 1 lengths in at most g + 1 groups; from[g][i]: where the
  // last of these groups begins, as an index of a length.
  const least: number[][] = [], from: number[][] = [];
  for (let g = 0; g < Math.min(most, count); g++) {
    least.push([]);
    from.push([]);
    for (let i = 0; i < count; i++) {
      least[g][i] = ends[i] * longest[i] + cost;
      from[g][i] = 0;
      for (let start = 1; g > 0 && start <= i; start++) {
        const sum = least[g - 1][start - 1] + (ends[i] - ends[start - 1]) * longest[i] + cost;
        if (sum < least[g][i]) [least[g][i], from[g][i]] = [sum, start];
      }
    }
  }
  const buckets: number[][] = [];
  for (let g = least.length - 1, last = count - 1; last >= 0; g--) {
    const start = from[g][last];
    buckets.unshift(order.slice(start === 0 ? 0 : ends[start - 1], ends[last]));
    last = start - 1;
  }
  return buckets;
}
