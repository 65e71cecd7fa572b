/** Text triplets: what RTD trains on. Nothing in this folder knows pictures or tensors. */

import type { Sampler } from "../training/sampler.ts";

/** A reference caption, what should change, and the caption of the result. */
export interface Triplet {
  reference: string;
  conditioning: string;
  target: string;
}

/** Gives triplets for ever. */
export type TripletSampler = Sampler<Triplet>;

/**
 * A text as the published code cleans it: nothing becomes "", `<PERSON>` becomes "person", lower case, no `$` (it would
 * be taken for the pseudo-word), no space at either end. Cutting to the model's context is the tokenizer's.
 */
export function cleanText(text: string | null | undefined): string {
  return (text ?? "").replaceAll("<PERSON>", "person").toLowerCase().replaceAll("$", "").trim();
}
