/**
 * Refined batch sampling (RTD, section 3.3): makes the pairs of query text and target text of a step from its triplets.
 *
 * With B triplets a step has N = B pairs, or N = 2B when refined: each triplet adds the pair of "a photo of [$]" and
 * its own reference caption. `T_r` and `T_t` are then in one batch, hard negatives of each other's query.
 */
import { composedPrompt, imagePrompt } from "../projection/prompts.ts";
import { cleanText, type Triplet } from "../triplets/triplet.ts";
import type { Concatenation } from "./concatenation.ts";

/** Query texts and their target texts; row i of a group belongs to triplet i. */
export interface PairGroup {
  /** B query texts. */
  queries: string[];
  /** B target texts. */
  targets: string[];
}

/** The pairs of a step. The groups are encoded separately, each padded to its own longest text only. */
export interface StepPairs {
  /** The B reference captions, cleaned; pseudo-tokens are computed from their features. */
  references: string[];
  /** The composed queries with the target captions. */
  composed: PairGroup;
  /** "a photo of [$]" with the reference captions; absent without refined batches. */
  refined?: PairGroup;
}

/**
 * Makes the pairs of a step from its triplets; texts are cleaned by `cleanText`.
 *
 * @param triplets the B triplets of the step
 * @throws {Error} if there are no triplets
 * @example
 * ```ts
 * import { stepPairs } from "@rtd/toolkit/rtd";
 * import { assertEquals } from "@std/assert";
 *
 * const triplet = { reference: "a red apple", conditioning: "is green", target: "a green apple" };
 * const { composed, refined } = stepPairs([triplet], { concatenation: "phi", refinedBatches: true });
 * assertEquals(composed.queries, ["a photo of [$] that is green"]);
 * assertEquals(refined?.targets, ["a red apple"]);
 * ```
 */
export function stepPairs(
  triplets: readonly Triplet[],
  { concatenation, refinedBatches }: { concatenation: Concatenation; refinedBatches: boolean },
): StepPairs {
  if (triplets.length === 0) throw new Error("Making a step's pairs failed: there are no triplets; give one or more.");
  const references = triplets.map(({ reference }) => cleanText(reference));
  const targets = triplets.map(({ target }) => cleanText(target));
  const queries = triplets.map(({ conditioning }, i) => {
    const condition = cleanText(conditioning);
    if (concatenation === "phi") return composedPrompt(condition);
    return concatenation === "plain" ? `${references[i]}, ${condition}` : condition;
  });
  const refined = {
    queries: references.map((text) => concatenation === "phi" ? imagePrompt : text),
    targets: references,
  };
  return { references, composed: { queries, targets }, ...(refinedBatches ? { refined } : {}) };
}
