/** The keywords of a corpus by how and where it uses them, drawn by their frequency. */
import type { Random } from "../../tensors/random.ts";
import type { Slot } from "./keyword_slots.ts";

/** The keywords of a corpus. */
export interface Vocabulary {
  /** Counts the keywords of one caption. */
  add(slots: readonly Slot[]): void;
  /** Whether no keyword of any kind can be drawn. */
  empty(): boolean;
  /** Number of uses of a slot's keyword in the same way. */
  uses(slot: Slot): number;
  /**
   * Draws a keyword of a slot's kind with the probability of its frequency in the slot's place; in any place, if the
   * corpus has too few in that one. Undefined if there is none.
   */
  draw(slot: Slot, rng: Random): string | undefined;
}

/** Fewest different keywords of one place from which one is drawn. */
const fewest = 4;

type Counts = Map<string, number>;
interface Table {
  words: string[];
  /** Uses of the words up to each. */
  sums: number[];
}

/**
 * Starts a vocabulary; every caption is added before it is asked.
 *
 * @param leastCount uses from which a keyword can be drawn, which keeps misspelt ones out
 */
export function makeVocabulary(leastCount: number): Vocabulary {
  const counts = new Map<string, Counts>(), tables = new Map<string, Table>();
  const placeKey = ({ kind, place }: Slot) => `${kind}\n${place}`;
  const tableOf = (key: string, kind: string) => {
    let table = tables.get(key);
    if (!table) tables.set(key, table = makeTable(counts.get(key), counts.get(kind), leastCount));
    return table;
  };
  return {
    add(slots) {
      tables.clear();
      for (const slot of slots) {
        for (const key of [slot.kind, placeKey(slot)]) {
          let words = counts.get(key);
          if (!words) counts.set(key, words = new Map());
          words.set(slot.word, (words.get(slot.word) ?? 0) + 1);
        }
      }
    },
    empty: () => !counts.values().some((words) => words.values().some((count) => count >= leastCount)),
    uses: ({ kind, word }) => counts.get(kind)?.get(word) ?? 0,
    draw(slot, rng) {
      const near = tableOf(placeKey(slot), slot.kind);
      return drawFrom(near.words.length >= fewest ? near : tableOf(slot.kind, slot.kind), rng);
    },
  };
}

/** The words of one place that are frequent enough in all places, the most frequent first. */
function makeTable(words: Counts | undefined, everywhere: Counts | undefined, leastCount: number): Table {
  // Ordered by frequency and then by letters, not by where in the corpus a word happened to come first.
  const entries = [...words ?? []].filter(([word]) => everywhere!.get(word)! >= leastCount)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  let sum = 0;
  return { words: entries.map(([word]) => word), sums: entries.map(([, count]) => sum += count) };
}

function drawFrom({ words, sums }: Table, rng: Random): string | undefined {
  const total = sums.at(-1);
  if (total === undefined) return undefined;
  const at = rng.int(total);
  let low = 0, high = words.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > at) high = middle;
    else low = middle + 1;
  }
  return words[low];
}
