/** Counts of rows by what was done with them, each with its first row as an example. */
import type { Triplet } from "../triplet.ts";

/** Rows to which the same thing was done. */
export interface RowCount {
  /** What was done and why, in words. */
  reason: string;
  /** Number of rows. */
  rows: number;
  /** The first of them. */
  example: {
    /** Number of the row; the first row of a file is 1. */
    row: number;
    /** Which text of the triplet, if it was one. */
    key?: keyof Triplet;
    /** What stood there, as JSON, cut after 80 characters. */
    text: string;
  };
}

/** A running count by reason. */
export interface RowCounts {
  /** Counts a row; a row that comes twice for one reason counts once. */
  add(reason: string, row: number, text: () => string, key?: keyof Triplet): void;
  /** The counts, the most frequent first. */
  list(): RowCount[];
}

/** Starts a count. */
export function rowCounts(): RowCounts {
  const found = new Map<string, RowCount & { last: number }>();
  return {
    add(reason, row, text, key) {
      const count = found.get(reason);
      if (!count) {
        found.set(reason, { reason, rows: 1, example: { row, ...(key && { key }), text: text() }, last: row });
      } else if (count.last !== row) {
        count.rows++;
        count.last = row;
      }
    },
    list: () => [...found.values()].sort((a, b) => b.rows - a.rows).map(({ last: _, ...count }) => count),
  };
}
