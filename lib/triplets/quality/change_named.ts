/** Whether a conditioning text names what the target has and the reference lacks. */
import type { Triplet } from "../triplet.ts";
import { contentWords } from "./words.ts";

/**
 * What a triplet's conditioning text says of its change, by words alone:
 *
 * - "nothing changes": reference and target are the same text;
 * - "target adds no word": all content words of the target are in the reference, as where something is removed;
 * - "names none": the target has words that the reference lacks, and the conditioning text has none of them;
 * - "names some": it has one at least.
 */
export type ChangeNamed = "nothing changes" | "target adds no word" | "names none" | "names some";

/** Compares the content words of a cleaned triplet. */
export function changeNamed({ reference, conditioning, target }: Triplet): ChangeNamed {
  if (reference === target) return "nothing changes";
  const known = contentWords(reference), added = contentWords(target).difference(known);
  if (added.size === 0) return "target adds no word";
  return added.isDisjointFrom(contentWords(conditioning)) ? "names none" : "names some";
}
