/** What can be said of triplets before anything is trained on them. */
import { shown } from "../../io/shown.ts";
import { random } from "../../tensors/random.ts";
import type { Triplet } from "../triplet.ts";
import { type ChangeNamed, changeNamed } from "./change_named.ts";
import { distinctCount } from "./distinct.ts";
import { lengthCounts, type LengthPercentiles } from "./lengths.ts";
import { type Opening, openingCounts } from "./openings.ts";
import { reservoir } from "./sample.ts";
import { pieceCounter, type TokenCounter } from "./token_count.ts";
import { type WordRetrieval, wordRetrieval } from "./word_retrieval.ts";

/** Options of {@linkcode inspectTriplets}. */
export interface InspectTripletsOptions {
  /** What counts tokens; by default {@linkcode pieceCounter}, a lower bound that needs no vocabulary. */
  tokens?: TokenCounter;
  /** Triplets of the sample on which retrieval by words is measured (default 5,000). */
  sample?: number;
  /** Seed of the sample (default 0). */
  seed?: number;
  /** The most frequent openings to name (default 10). */
  openings?: number;
  /** Returns the row of the triplet that was read last, for examples; by default triplets are counted from 1. */
  row?: () => number;
}

/** How many texts differ. */
export interface Repetition {
  /** Texts that were counted: all, or the first ones until 4,194,304 different ones had come. */
  counted: number;
  /** Different ones among them. */
  distinct: number;
}

/** Texts of one kind that are longer than the model reads. */
export interface CutTexts {
  /** Number of texts. */
  texts: number;
  /** The first, with its row in the file. */
  example?: { row: number; tokens: number; text: string };
}

/** What {@linkcode inspectTriplets} found. */
export interface TripletQuality {
  /** Number of triplets. */
  triplets: number;
  /** What counted the tokens, its context, and whether it counts a lower bound only. */
  tokens: Pick<TokenCounter, "name" | "atLeast" | "context">;
  /** Lengths in tokens, start and end included. */
  lengths: Record<keyof Triplet, LengthPercentiles>;
  /** Texts that training cuts; a conditioning text stands behind "a photo of [$] that", which takes five tokens. */
  cut: Record<keyof Triplet, CutTexts>;
  /** How many triplets, and texts, are different. */
  different: Record<keyof Triplet | "triplet", Repetition>;
  /** The most frequent first two words of conditioning texts. */
  openings: { openings: Opening[]; others: number; distinct: number };
  /** What the conditioning texts say of the change, in triplets. */
  change: Record<ChangeNamed, number>;
  /** What words alone find, on a sample. */
  retrieval: WordRetrieval;
  /** Seed of the sample. */
  seed: number;
}

/** Tokens of "a photo of [$] that". */
const promptTokens = 5;

const keys = ["reference", "conditioning", "target"] as const;

/**
 * Inspects triplets, cleaned ones: lengths in tokens, repetition, openings, what conditioning texts say of the change,
 * and what words alone retrieve. All but the last are over all triplets, in one pass; memory is bounded (at most 64 MiB
 * for each of four counts of different texts, and the sample).
 *
 * @param triplets of a file, as `readTriplets` gives them, or in memory
 * @throws {Error} if there are none, or what reads them throws
 * @example
 * ```ts
 * import { inspectTriplets } from "@rtd/toolkit/triplets";
 * import { assertEquals } from "@std/assert";
 *
 * const quality = await inspectTriplets([
 *   { reference: "a red apple", conditioning: "make it green", target: "a green apple" },
 *   { reference: "a dog on a bed", conditioning: "remove the dog", target: "a bed" },
 * ]);
 * assertEquals(quality.change["names some"], 1);
 * assertEquals(quality.change["target adds no word"], 1);
 * ```
 */
export async function inspectTriplets(
  triplets: AsyncIterable<Triplet> | Iterable<Triplet>,
  { tokens = pieceCounter, sample = 5000, seed = 0, openings = 10, row }: InspectTripletsOptions = {},
): Promise<TripletQuality> {
  const perKey = <T>(make: (key: keyof Triplet) => T): Record<keyof Triplet, T> => ({
    reference: make("reference"),
    conditioning: make("conditioning"),
    target: make("target"),
  });
  const lengths = perKey(() => lengthCounts()),
    different = { triplet: distinctCount(), ...perKey(() => distinctCount()) };
  const cut = perKey((): CutTexts => ({ texts: 0 }));
  const change = { "names some": 0, "names none": 0, "target adds no word": 0, "nothing changes": 0 };
  const begun = openingCounts(), drawn = reservoir<Triplet>(sample, random(seed));
  let count = 0;
  for await (const triplet of triplets) {
    count++;
    for (const key of keys) {
      const text = triplet[key], length = tokens.count(text);
      lengths[key].add(length);
      different[key].add(text);
      if (length + (key === "conditioning" ? promptTokens : 0) > tokens.context) {
        cut[key].texts++;
        cut[key].example ??= { row: row?.() ?? count, tokens: length, text: shown(text) };
      }
    }
    different.triplet.add(keys.map((key) => triplet[key]).join("\0"));
    begun.add(triplet.conditioning);
    change[changeNamed(triplet)]++;
    drawn.offer(triplet);
  }
  if (count === 0) throw new Error("Inspecting triplets failed: there are none; read or make some first.");
  const repetition = (key: keyof typeof different): Repetition => ({
    counted: different[key].counted(),
    distinct: different[key].distinct(),
  });
  return {
    triplets: count,
    tokens: { name: tokens.name, atLeast: tokens.atLeast, context: tokens.context },
    lengths: perKey((key) => lengths[key].percentiles()),
    cut,
    different: { triplet: repetition("triplet"), ...perKey(repetition) },
    openings: begun.top(openings),
    change,
    retrieval: wordRetrieval(drawn.items()),
    seed,
  };
}
