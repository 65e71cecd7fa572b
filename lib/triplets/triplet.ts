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

/** Most faults that an error names. */
const shownFaults = 3;

/**
 * Checks that every item is a triplet of three texts; the captions must have letters after cleaning.
 *
 * @param action begins the error message, such as "Training RTD"
 * @throws {Error} naming the first items that are none, by index and key
 */
export function checkTriplets(items: readonly unknown[], action: string): asserts items is readonly Triplet[] {
  const faults: string[] = [];
  for (const [i, item] of items.entries()) {
    const fields = Object(item) as Record<string, unknown>;
    for (const key of ["reference", "conditioning", "target"] as const) {
      const text = fields[key];
      if (typeof text !== "string") {
        const keys = Object.keys(fields).slice(0, 5).join(", ");
        faults.push(`triplet ${i} has no text "${key}"${keys && ` (it has ${keys})`}`);
      } else if (key !== "conditioning" && cleanText(text) === "") {
        faults.push(`the "${key}" of triplet ${i} is empty after cleaning`);
      }
    }
    if (faults.length > shownFaults) break;
  }
  if (faults.length === 0) return;
  throw new Error(
    `${action} failed: ${faults.slice(0, shownFaults).join("; ")}${faults.length > shownFaults ? "; and more" : ""}. ` +
      "A triplet is { reference, conditioning, target }.",
  );
}

/** One rule of the cleaning. */
export interface CleaningRule {
  /** What it does, in words. */
  rule: string;
  /** Applies it; a text that it does not concern is returned as it is. */
  apply(text: string): string;
}

/** The rules of the published cleaning, in their order; {@linkcode cleanText} applies them all. */
export const cleaningRules: readonly CleaningRule[] = [
  { rule: "<PERSON> written as person", apply: (text) => text.replaceAll("<PERSON>", "person") },
  { rule: "upper case written in lower case", apply: (text) => text.toLowerCase() },
  // It would be read as the placeholder's token.
  { rule: "$ removed", apply: (text) => text.replaceAll("$", "") },
  { rule: "space removed at the ends", apply: (text) => text.trim() },
];

/**
 * Cleans a text as the published code does: nothing becomes "", `<PERSON>` becomes "person", lower case, no `$`, no
 * space at either end. Cutting to the model's context is the tokenizer's work. (The published code cleans captions
 * alone, so that a `$` in a conditioning text becomes a second placeholder; here conditioning texts are cleaned too.)
 */
export function cleanText(text: string | null | undefined): string {
  return cleaningRules.reduce((cleaned, { apply }) => apply(cleaned), text ?? "");
}
