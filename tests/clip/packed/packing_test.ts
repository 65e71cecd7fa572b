import { assertEquals } from "@std/assert";
import type { TokenBatch } from "../../../lib/clip/model/tokenizer.ts";
import { lengthBuckets } from "../../../lib/clip/packed/buckets.ts";
import { packTexts } from "../../../lib/clip/packed/packing.ts";

/** Rows of ids as a batch, padded as the tokenizer pads; id 9 is the placeholder. */
function batch(rows: number[][]): TokenBatch {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = Int32Array.from(rows.flatMap((row) => [...row, ...Array(length - row.length).fill(row.at(-1))]));
  return {
    ids,
    rows: rows.length,
    length,
    endAt: Int32Array.from(rows, (row) => row.length - 1),
    ...(ids.includes(9) ? { pseudoTokenMask: Float32Array.from(ids, (id) => id === 9 ? 1 : 0) } : {}),
  };
}

Deno.test("lengthBuckets: the cheapest cut of the rows by length, found by trying all", () => {
  const lengths = [5, 30, 7, 7, 12, 5, 31, 9, 77, 12, 6];
  const sum = (buckets: number[][], cost: number) =>
    buckets.reduce((total, rows) => total + rows.length * Math.max(...rows.map((row) => lengths[row])) + cost, 0);
  const order = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b]);
  for (const most of [1, 2, 3, 4, 99]) {
    for (const cost of [0, 3, 48]) {
      let least = Infinity;
      for (let cuts = 0; cuts < 2 ** (order.length - 1); cuts++) {
        const buckets: number[][] = [[]];
        order.forEach((row, i) => {
          buckets.at(-1)!.push(row);
          if (cuts >> i & 1 && i + 1 < order.length) buckets.push([]);
        });
        if (buckets.length <= most) least = Math.min(least, sum(buckets, cost));
      }
      const found = lengthBuckets(lengths, { most, cost });
      assertEquals(found.flat().sort((a, b) => a - b), [...lengths.keys()]);
      assertEquals(found.length <= most, true);
      assertEquals(sum(found, cost), least, `${most} buckets of cost ${cost}`);
    }
  }
  assertEquals(lengthBuckets([3, 9, 3, 8], { most: 2, cost: 0 }), [[0, 2], [3, 1]]);
  assertEquals(lengthBuckets([4], { most: 3, cost: 1 }), [[0]]);
});

Deno.test("packTexts: the layout of the example in its documentation", () => {
  // <s> a photo of [$] that ... <e>: 1 5 6 7 9 8 ... 2
  const begin = [1, 5, 6, 7, 9];
  const queries = batch([[...begin, 8, 20, 21, 2], [...begin, 8, 22, 2], [...begin, 8, 23, 24, 2]]);
  const endings = batch([0, 1, 2].map(() => [...begin, 2]));
  assertEquals(packTexts(queries, { endings, mostBuckets: 1 }), {
    prefix: 4,
    buckets: [{ rows: 3, slots: 6, from: 4, readFrom: 0 }],
    endingSlot: 1,
    ids: Int32Array.of(1, 5, 6, 7, 9, 2, 8, 22, 2, 2, 9, 2, 8, 20, 21, 2, 9, 2, 8, 23, 24, 2),
    positions: Int32Array.of(0, 1, 2, 3, 4, 5, 5, 6, 7, 7, 4, 5, 5, 6, 7, 8, 4, 5, 5, 6, 7, 8),
    reads: Int32Array.of(8, 5, 15, 11, 21, 17),
    textOf: Int32Array.of(1, 4, 0, 3, 2, 5),
    placeholders: { at: Int32Array.of(4, 10, 16), pseudoToken: Int32Array.of(1, 0, 2) },
  });
});

Deno.test("packTexts: an ending at another position, another beginning, or an own template is a text of its own", () => {
  const queries = batch([[1, 5, 9, 8, 20, 2], [1, 5, 9, 8, 21, 2]]);
  for (const seconds of [[[1, 5, 9, 2], [1, 5, 9, 8, 2]], [[1, 6, 9, 2], [1, 6, 9, 2]]]) {
    const { endingSlot, textOf, placeholders } = packTexts(queries, { endings: batch(seconds) });
    assertEquals(endingSlot, undefined);
    assertEquals(textOf.toSorted(), Int32Array.of(0, 1, 2, 3));
    assertEquals(placeholders!.pseudoToken.toSorted(), Int32Array.of(0, 0, 1, 1));
  }
  // A template without a common beginning shares the first token.
  const { prefix, endingSlot } = packTexts(batch([[1, 9, 8, 2], [1, 9, 7, 2]]), {
    endings: batch([[1, 9, 2], [1, 9, 2]]),
  });
  assertEquals([prefix, endingSlot], [1, 1]);
});
