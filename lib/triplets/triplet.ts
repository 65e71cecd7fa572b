/** Text triplets: what RTD trains on. Nothing in this folder knows images or tensors. */

/** A reference caption, the text that changes it, and the caption of the result. */
export interface Triplet {
  /** Caption of the reference image, `T_r`. */
  reference: string;
  /** Conditioning text, `T_c`: what changes. */
  conditioning: string;
  /** Caption of the target image, `T_t`. */
  target: string;
}

/**
 * Cleans a text as the published code does: nothing becomes "", `<PERSON>` becomes "person", lower case, no `$` (it
 * would be read as the placeholder's token), no space at either end. Cutting to the model's context is the tokenizer's
 * work.
 */
export function cleanText(text: string | null | undefined): string {
  return (text ?? "").replaceAll("<PERSON>", "person").toLowerCase().replaceAll("$", "").trim();
}
