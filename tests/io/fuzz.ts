/** Seeded mutations of good inputs: a parser has to read each, or to refuse it in one sentence that names the file. */
import { type Random, random } from "../../lib/tensors/random.ts";

/** What {@linkcode fuzz} needs. */
export interface FuzzTask<T> {
  /** The good inputs, which are mutated in turn. */
  corpus: readonly T[];
  /** Returns a changed copy of an input. */
  mutate: (input: T, rng: Random) => T;
  /** Reads an input. */
  read: (input: T) => unknown;
  /** What every refusal has to name. */
  file: string;
  /** Number of inputs. */
  rounds: number;
  /** Seed of the mutations. */
  seed: number;
}

/** How many inputs were read, and how many refused. */
export interface FuzzReport {
  read: number;
  refused: number;
}

/**
 * Reads mutated inputs.
 * @throws {Error} at the first that is refused by anything but a plain error with the file's name, with the input
 */
export async function fuzz<T>({ corpus, mutate, read, file, rounds, seed }: FuzzTask<T>): Promise<FuzzReport> {
  const rng = random(seed), report: FuzzReport = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const input = mutate(corpus[round % corpus.length], rng);
    try {
      await read(input);
      report.read++;
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error || !error.message.includes(file)) {
        const shown = input instanceof Uint8Array ? input.toBase64() : JSON.stringify(input);
        throw new Error(`Round ${round} of seed ${seed}: ${error} for ${shown?.slice(0, 3000)}`, { cause: error });
      }
      report.refused++;
    }
  }
  return report;
}

/** Changes up to four bytes, or cuts the end off. */
export function mutateBytes(input: Uint8Array, rng: Random): Uint8Array {
  const bytes = input.slice(0, rng.int(8) === 0 ? rng.int(input.length) : input.length);
  for (let k = rng.int(4); k >= 0 && bytes.length > 0; k--) bytes[rng.int(bytes.length)] = rng.int(256);
  return bytes;
}

/** Values that a JSON file should not hold where it holds another. */
const odd: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e308, 2 ** 53, 100_000, "", "x", "\u0000", "../x", "__proto__"],
  ...[[], [[]], [null], {}, { toString: 1 }, { length: -1 }, { constructor: null }],
];

/** Replaces, removes, repeats or moves up to three values of a JSON value, its whole included. */
export function mutateJson(input: unknown, rng: Random): unknown {
  const root = { value: structuredClone(input) };
  for (let k = rng.int(3); k >= 0; k--) {
    const places: [Record<string, unknown>, string][] = [];
    const visit = (holder: unknown) => {
      if (typeof holder !== "object" || holder === null) return;
      for (const key of Object.keys(holder)) {
        places.push([holder as Record<string, unknown>, key]);
        visit((holder as Record<string, unknown>)[key]);
      }
    };
    visit(root);
    if (places.length === 0) break;
    const [holder, key] = places[rng.int(places.length)], [other, from] = places[rng.int(places.length)];
    const copy = () => structuredClone(other[from]);
    switch (rng.int(5)) {
      case 0:
        delete holder[key];
        break;
      case 1:
        holder[key] = copy();
        break;
      case 2:
        if (Array.isArray(holder)) holder.push(copy());
        else holder[`${key}2`] = copy();
        break;
      default:
        holder[key] = structuredClone(odd[rng.int(odd.length)]);
    }
  }
  return root.value;
}
