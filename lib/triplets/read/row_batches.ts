/** Rows as all kinds of files give them. */

/** The fields of one row by name. */
export type Row = Readonly<Record<string, unknown>>;

/** Name of the field that holds a row's key, in a file that is one JSON object of rows. */
export const keyField = "(key)";

/** Rows that follow each other. */
export interface RowBatch {
  /** Number of the first row of the batch; the first row of a file is 1. Headers and empty lines are no rows. */
  first: number;
  /** The rows; a kind of file that knows no types gives whatever stands there, which need not be an object. */
  rows: unknown[];
}

/** Rows that a batch has at most, where the kind of file leaves a choice. */
export const batchSize = 2048;

/** Collects rows into batches. */
export function rowBatcher(): { add(row: unknown): void; full(): boolean; take(): RowBatch; count(): number } {
  let first = 1, rows: unknown[] = [];
  return {
    add: (row) => void rows.push(row),
    full: () => rows.length >= batchSize,
    take() {
      const batch = { first, rows };
      first += rows.length;
      rows = [];
      return batch;
    },
    count: () => first - 1 + rows.length,
  };
}
