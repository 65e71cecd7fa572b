/** The most frequent beginnings of conditioning texts. */

/** Openings that are told apart; those that come later are counted together. */
const mostOpenings = 1 << 16;

/** An opening and how often it occurs. */
export interface Opening {
  /** The first two words. */
  text: string;
  /** Texts that begin with it. */
  count: number;
}

/** A running count of openings. */
export interface OpeningCounts {
  /** Counts the first two words of a cleaned text. */
  add(text: string): void;
  /** The most frequent, and the texts whose opening came after 65,536 others. */
  top(count: number): { openings: Opening[]; others: number; distinct: number };
}

/** Starts a count. */
export function openingCounts(): OpeningCounts {
  const counts = new Map<string, number>();
  let others = 0;
  return {
    add(text) {
      const opening = text.match(/^\S+(?:\s+\S+)?/)?.[0] ?? "", before = counts.get(opening);
      if (before !== undefined || counts.size < mostOpenings) counts.set(opening, (before ?? 0) + 1);
      else others++;
    },
    top(count) {
      // Of equally frequent openings the one that came first stands first.
      const openings = [...counts].sort(([, a], [, b]) => b - a).slice(0, count).map(([text, count]) => ({
        text,
        count,
      }));
      return { openings, others, distinct: counts.size };
    },
  };
}
