/** Average precision of one query, in the two forms that benchmarks have: at k (CIRCO), and trapezoidal (i-CIR). */

/**
 * Returns the average precision at k: the sum of the precision at the rank of each correct entry among the first k,
 * divided by `min(number of correct entries, k)`.
 *
 * @param ranks of all correct entries, counted from 1, in any order; null or infinite counts as a miss
 * @returns a number in [0, 1]; NaN for an empty list
 * @throws {Error} if a rank among the first k is no whole number from 1, or is given twice
 */
export function averagePrecision(ranks: readonly (number | null)[], k: number): number {
  return foundRanks(ranks, k).reduce((sum, rank, i) => sum + (i + 1) / rank, 0) / Math.min(ranks.length, k);
}

/**
 * Returns the trapezoidal average precision over the whole ranking: the area below the curve of precision over recall,
 * which each correct entry moves on by one step, from the precision just before it to that at it. At the first rank the
 * precision before is 1.
 *
 * It is that of i-CIR's released program and of the evaluation of Oxford and Paris before it; as there, the step of
 * recall is `1 / (number of correct entries + 1e-5)`, so that a perfect ranking of one has 0.99999.
 *
 * @param ranks of all correct entries, counted from 1, in any order; null or infinite counts as a miss
 * @returns a number in [0, 1]; NaN for an empty list
 * @throws {Error} if a rank is no whole number from 1, or is given twice
 */
export function trapezoidalAveragePrecision(ranks: readonly (number | null)[]): number {
  if (ranks.length === 0) return NaN;
  const step = 1 / (ranks.length + 1e-5);
  return foundRanks(ranks, Number.MAX_SAFE_INTEGER).reduce((sum, rank, i) => {
    const before = rank === 1 ? 1 : i / (rank - 1), at = (i + 1) / rank;
    return sum + step * (before + at) / 2;
  }, 0);
}

/** The ranks up to k in ascending order. */
function foundRanks(ranks: readonly (number | null)[], k: number): number[] {
  const found = ranks.filter((rank) => rank !== null && rank <= k).sort((a, b) => a! - b!) as number[];
  const wrong = found.find((rank, i) => !Number.isInteger(rank) || rank < 1 || rank === found[i - 1]);
  if (wrong !== undefined) {
    throw new Error(
      `Computing the average precision failed: the rank ${wrong} is ${
        Number.isInteger(wrong) && wrong >= 1 ? "given twice" : "no whole number from 1"
      }; give the rank of each correct entry once.`,
    );
  }
  return found;
}
