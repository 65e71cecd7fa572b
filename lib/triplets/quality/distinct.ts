/** How many different texts there are among many, by their hashes. */

/** Different texts that are told apart at most; a table of them takes 64 MiB. */
const mostDistinct = 1 << 22;

/** A running count of different texts. */
export interface DistinctCount {
  /** Counts a text. */
  add(text: string): void;
  /** Number of different texts. */
  distinct(): number;
  /** Number of texts that were counted: all, or those before the 4,194,305th different one, which ends the count. */
  counted(): number;
}

/**
 * Starts a count. Texts are told apart by hashes of 53 bits: of four million different texts, two are taken for one in
 * one of a thousand files.
 *
 * @param most different texts that are told apart
 */
export function distinctCount(most = mostDistinct): DistinctCount {
  let table = new Float64Array(1 << 12), distinct = 0, counted = 0, full = false;
  /** Where a hash is in a table, or where it belongs; 0 marks a free place. */
  const placeIn = (slots: Float64Array, hash: number) => {
    let at = hash % slots.length;
    while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) % slots.length;
    return at;
  };
  const grow = () => {
    const larger = new Float64Array(2 * table.length);
    for (const hash of table) if (hash !== 0) larger[placeIn(larger, hash)] = hash;
    table = larger;
  };
  return {
    add(text) {
      if (full) return;
      const hash = hash53(text), at = placeIn(table, hash), known = table[at] === hash;
      full = !known && distinct === most;
      if (full) return;
      counted++;
      if (known) return;
      distinct++;
      table[at] = hash;
      if (2 * distinct > table.length) grow();
    },
    distinct: () => distinct,
    counted: () => counted,
  };
}

/** A hash of 53 bits, never 0: two multiplicative hashes of 32 bits, mixed (FNV-1a and Murmur3's finalizer). */
function hash53(text: string): number {
  let a = 0x811c9dc5, b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b ^= b >>> 15;
  }
  const mixed = (value: number) => {
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    return (value ^ (value >>> 16)) >>> 0;
  };
  return mixed(a ^ (b >>> 7)) * 2 ** 21 + (mixed(b) >>> 11) + 1;
}
