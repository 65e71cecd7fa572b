/** A batch whose lengths are those of all texts, for what must be known before a batch is drawn. */
import type { TokenBatch, Tokenizer } from "../clip/model/tokenizer.ts";
import { evenIndex } from "../io/evenly.ts";

/** Tokenizes texts and sorts them by their length, the shortest first; texts of one length stay in their order. */
export function sortedTokens(texts: readonly string[], tokenizer: Pick<Tokenizer, "encode">): TokenBatch {
  const tokens = tokenizer.encode(texts);
  const order = Array.from({ length: tokens.rows }, (_, i) => i).sort((a, b) => tokens.endAt[a] - tokens.endAt[b]);
  return rowsOf(tokens, order);
}

/** Returns B rows at even distances, the first and the last among them: of sorted ones, the shortest and the longest. */
export function typicalBatch(sorted: TokenBatch, B: number): TokenBatch {
  return rowsOf(sorted, Array.from({ length: B }, (_, i) => evenIndex(i, B, sorted.rows)));
}

function rowsOf({ ids, length: T, endAt, pseudoTokenMask }: TokenBatch, indices: readonly number[]): TokenBatch {
  const picked = <Numbers extends Int32Array | Float32Array>(from: Numbers, to: Numbers): Numbers => {
    indices.forEach((index, row) => to.set(from.subarray(index * T, (index + 1) * T), row * T));
    return to;
  };
  return {
    ids: picked(ids, new Int32Array(indices.length * T)),
    rows: indices.length,
    length: T,
    endAt: Int32Array.from(indices, (index) => endAt[index]),
    ...(pseudoTokenMask && { pseudoTokenMask: picked(pseudoTokenMask, new Float32Array(indices.length * T)) }),
  };
}
