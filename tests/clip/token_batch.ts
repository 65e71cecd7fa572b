/** Batches of token ids that no tokenizer made. */
import type { TokenBatch } from "../../lib/clip/model/tokenizer.ts";

/** Ids as a batch, padded as the tokenizer pads; id 3 is the placeholder. */
export function batchOf(rows: number[][]): TokenBatch {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = Int32Array.from(rows.flatMap((row) => [...row, ...Array(length - row.length).fill(row[row.length - 1])]));
  return {
    ids,
    rows: rows.length,
    length,
    endAt: Int32Array.from(rows, (row) => row.length - 1),
    ...(ids.includes(3) ? { pseudoTokenMask: Float32Array.from(ids, (id) => id === 3 ? 1 : 0) } : {}),
  };
}
