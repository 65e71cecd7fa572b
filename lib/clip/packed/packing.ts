/**
 * How the texts of a step lie in one stream of tokens, without what would be computed twice or for nothing.
 *
 * A causal text tower that is read at its end-of-text token allows three savings. Of the texts
 *
 *     <s> a photo of [$] that is blue <e>        <s> a photo of [$] <e>
 *     <s> a photo of [$] that has a hat on <e>   <s> a photo of [$] <e>
 *
 * the beginning is computed once; the second text of a row, its *ending*, is one more token of the first, which sees
 * the tokens before it and is seen by none; and rows of similar length are padded together (`.`), not all to the
 * longest:
 *
 *     prefix    <s> a photo of                     P = 4 tokens
 *     bucket 1  [$] <e> that is blue <e>           B rows of T = 6 slots
 *     bucket 2  [$] <e> that has a hat on <e>      B rows of T = 8 slots
 *               [$] <e> that is at sea <e> .
 *
 * A row's slots attend to the prefix and to their own row. `R = P + sum of B T` tokens are in the stream; `N` of them
 * are read, one a text.
 */
import type { TokenBatch } from "../model/tokenizer.ts";
import { lengthBuckets } from "./buckets.ts";

/** Rows that are padded to one length. */
export interface Bucket {
  /** B, the number of rows. */
  rows: number;
  /** T, the slots of each row. */
  slots: number;
  /** Index in the stream of its first slot. */
  from: number;
  /** Index among the tokens that are read of its first one. */
  readFrom: number;
}

/** The layout of texts in a stream of R tokens, of which N are read. */
export interface Packing {
  /** P, the length of the common beginning; texts that begin with `<s>` share at least that. */
  prefix: number;
  /** The buckets, in the order of the stream. */
  buckets: Bucket[];
  /** Slot of the endings, the same in every row; absent if no row has one. */
  endingSlot?: number;
  /** `[R]`, token ids. */
  ids: Int32Array;
  /** `[R]`, positions in the text. */
  positions: Int32Array;
  /** `[N]`, where the tokens that are read stand in the stream: by bucket and row, the text before its ending. */
  reads: Int32Array;
  /** `[N]`, the text of each token that is read; texts come before endings, both in the order given. */
  textOf: Int32Array;
  /** Placeholders: where they stand in the stream, and the row of the pseudo-token of each; absent if there are none. */
  placeholders?: { at: Int32Array; pseudoToken: Int32Array };
}

/** Options of {@linkcode packTexts}. */
export interface PackingOptions {
  /**
   * Second texts, one a row, with the same pseudo-token. Where each is the beginning of its row with an end-of-text
   * token behind it, it costs one token; otherwise it is packed as a text of its own.
   */
  endings?: TokenBatch;
  /** Most buckets (default 4). */
  mostBuckets?: number;
}

/** What one more bucket costs, in tokens: its products are smaller, and there are more of them. */
const bucketCost = 48;

/**
 * Lays out a batch of tokenized texts.
 *
 * @param tokens the texts
 * @returns the layout of its `N = B` texts, or `N = 2 B` with endings
 */
export function packTexts(
  tokens: TokenBatch,
  { endings, mostBuckets = 4 }: PackingOptions = {},
): Packing {
  const rows = rowsOf(tokens), seconds = endings && rowsOf(endings);
  const asTokens = seconds !== undefined && areEndings(rows, seconds);
  const texts = seconds && !asTokens ? [...rows, ...seconds] : rows;
  const ending = asTokens ? seconds[0].ids.length - 1 : undefined; // its position in the text
  const prefix = Math.min(commonPrefix(texts), ending ?? Infinity);
  const endingSlot = ending === undefined ? undefined : ending - prefix;
  const extra = asTokens ? 1 : 0;
  const lengths = texts.map(({ ids }) => ids.length - prefix + extra);
  const chosen = lengthBuckets(lengths, { most: mostBuckets, cost: bucketCost });

  const ids = [...texts[0].ids.subarray(0, prefix)], positions = ids.map((_, i) => i);
  const buckets: Bucket[] = [], reads: number[] = [], textOf: number[] = [];
  const at: number[] = [], pseudoToken: number[] = [];
  for (const members of chosen) {
    const slots = lengths[members.at(-1)!];
    buckets.push({ rows: members.length, slots, from: ids.length, readFrom: reads.length });
    for (const text of members) {
      const { ids: own, placeholders, pseudoToken: row } = texts[text];
      const start = ids.length;
      const slotOf = (position: number) =>
        start + position - prefix + (ending !== undefined && position >= ending ? 1 : 0);
      for (let position = prefix; position < own.length; position++) {
        if (position === ending) push(seconds![text].ids[ending], ending);
        push(own[position], position);
      }
      // Padding stands behind all that is read: no token that is read sees it.
      for (let i = ids.length - start; i < slots; i++) push(own.at(-1)!, own.length - 1);
      for (const position of placeholders) {
        at.push(slotOf(position));
        pseudoToken.push(row);
      }
      reads.push(slotOf(own.length - 1));
      textOf.push(text);
      if (endingSlot !== undefined) {
        reads.push(start + endingSlot);
        textOf.push(rows.length + text);
      }
    }
  }
  return {
    prefix,
    buckets,
    ...(endingSlot === undefined ? {} : { endingSlot }),
    ids: Int32Array.from(ids),
    positions: Int32Array.from(positions),
    reads: Int32Array.from(reads),
    textOf: Int32Array.from(textOf),
    ...(at.length > 0 ? { placeholders: { at: Int32Array.from(at), pseudoToken: Int32Array.from(pseudoToken) } } : {}),
  };

  function push(id: number, position: number): void {
    ids.push(id);
    positions.push(position);
  }
}

/** One text: its tokens up to the one that is read. */
interface Row {
  ids: Int32Array;
  /** Positions of its placeholders. */
  placeholders: number[];
  /** Row of its pseudo-token. */
  pseudoToken: number;
}

function rowsOf({ ids, rows, length, endAt, pseudoTokenMask: mask }: TokenBatch): Row[] {
  return Array.from({ length: rows }, (_, row) => {
    const from = row * length, count = endAt[row] + 1;
    const placeholders = mask ? [...Array(count).keys()].filter((i) => mask[from + i] === 1) : [];
    return { ids: ids.subarray(from, from + count), placeholders, pseudoToken: row };
  });
}

/** Whether each second text is the beginning of its row with one token behind it, at the same position in all rows. */
function areEndings(rows: readonly Row[], seconds: readonly Row[]): boolean {
  const ending = seconds[0].ids.length - 1;
  return ending >= 1 && rows.every(({ ids, placeholders }, i) => {
    const second = seconds[i];
    return second.ids.length === ending + 1 && ids.length > ending &&
      second.ids.subarray(0, ending).every((id, j) => id === ids[j]) &&
      second.placeholders.join() === placeholders.filter((position) => position < ending).join();
  });
}

/** Tokens that all texts begin with: before any placeholder, and leaving each text one token of its own. */
function commonPrefix(texts: readonly Row[]): number {
  let common = Infinity;
  for (const { ids, placeholders } of texts) {
    common = Math.min(common, ids.length - 1, placeholders[0] ?? Infinity);
    const first = texts[0].ids;
    let same = 0;
    while (same < common && ids[same] === first[same]) same++;
    common = Math.min(common, same);
  }
  return common;
}
