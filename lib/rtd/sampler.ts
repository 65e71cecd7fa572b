/**
 * Refined batch sampling (RTD, section 3.3): from the triplets of a step to its pairs of query text and target text.
 *
 * With B triplets a step has N = B pairs, or N = 2B when refined: each triplet adds the pair of "a photo of [$]" and
 * its own reference caption. `T_r` and `T_t` are then in one batch, hard negatives of each other's query.
 */
import { pseudoWord } from "../clip/tokenizer.ts";
import { cleanText, type Triplet } from "../triplets/triplet.ts";
import type { Concatenation } from "./concatenation.ts";

/** Query texts and target texts in step; row i of a group stands for triplet i. */
export interface PairGroup {
  queries: string[];
  targets: string[];
}

/** A step's pairs. The groups are encoded apart, each trimmed to its own longest row. */
export interface StepPairs {
  /** Reference captions, cleaned; the source of the pseudo-words. */
  references: string[];
  composed: PairGroup;
  /** Absent without refined batches. */
  refined?: PairGroup;
}

/** The composed query of a picture and a text, as training and evaluation word it. */
export function composedPrompt(conditioning: string): string {
  return `a photo of ${pseudoWord} that ${conditioning}`;
}

/** The query of a picture alone. */
export const imagePrompt = `a photo of ${pseudoWord}`;

/**
 * Makes a step's pairs.
 *
 * @throws {Error} if there are no triplets
 * @example
 * ```ts
 * import { stepPairs } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * const triplet = { reference: "a red apple", conditioning: "is green", target: "a green apple" };
 * const { composed, refined } = stepPairs([triplet], "phi", true);
 * assertEquals(composed.queries, ["a photo of [$] that is green"]);
 * assertEquals(refined?.targets, ["a red apple"]);
 * ```
 */
export function stepPairs(triplets: readonly Triplet[], concatenation: Concatenation, refined: boolean): StepPairs {
  if (triplets.length === 0) throw new Error("Making a step's pairs failed: there are no triplets.");
  const references = triplets.map(({ reference }) => cleanText(reference));
  const targets = triplets.map(({ target }) => cleanText(target));
  const queries = triplets.map(({ conditioning }, i) => {
    const condition = cleanText(conditioning);
    if (concatenation === "phi") return composedPrompt(condition);
    return concatenation === "plain" ? `${references[i]}, ${condition}` : condition;
  });
  return {
    references,
    composed: { queries, targets },
    ...(refined
      ? {
        refined: {
          queries: references.map((text) => concatenation === "phi" ? imagePrompt : text),
          targets: references,
        },
      }
      : {}),
  };
}
