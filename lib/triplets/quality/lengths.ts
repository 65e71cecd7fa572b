/** Percentiles of lengths, exact, in memory that does not grow with their number. */

/** Lengths up to this are counted one by one. */
const longest = 4096;

/** Percentiles of some lengths, in tokens. */
export interface LengthPercentiles {
  /** The shortest. */
  least: number;
  /** Half are at most this long. */
  median: number;
  /** 90 of 100 are at most this long. */
  p90: number;
  /** 99 of 100 are at most this long. */
  p99: number;
  /** The longest. */
  most: number;
}

/** A running count of lengths. */
export interface LengthCounts {
  /** Counts a length. */
  add(length: number): void;
  /** Returns the percentiles: the least length that a share of all texts does not exceed. */
  percentiles(): LengthPercentiles;
}

/** Starts a count. Lengths above 4,096 count as that in the percentiles; the longest is exact. */
export function lengthCounts(): LengthCounts {
  const counts = new Float64Array(longest + 1);
  let total = 0, least = Infinity, most = 0;
  const at = (share: number) => {
    let left = Math.max(1, Math.ceil(share * total));
    for (let length = 0; length <= longest; length++) {
      left -= counts[length];
      if (left <= 0) return length;
    }
    return most;
  };
  return {
    add(length) {
      counts[Math.min(length, longest)]++;
      total++;
      least = Math.min(least, length);
      most = Math.max(most, length);
    },
    percentiles: () =>
      total === 0
        ? { least: 0, median: 0, p90: 0, p99: 0, most: 0 }
        : { least, median: at(0.5), p90: at(0.9), p99: at(0.99), most },
  };
}
