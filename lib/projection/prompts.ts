/** The prompts with the placeholder `[$]` of a pseudo-token, as used in training and evaluation. */
import { placeholder } from "../clip/model/tokenizer.ts";

/**
 * Returns the prompt of a composed query: "a photo of [$] that {conditioning}", where `[$]` stands for the pseudo-token
 * of the reference image.
 *
 * @param conditioning text that says what changes, such as "is blue"
 * @example
 * ```ts
 * import { composedPrompt } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(composedPrompt("is blue"), "a photo of [$] that is blue");
 * ```
 */
export function composedPrompt(conditioning: string): string {
  return `a photo of ${placeholder} that ${conditioning}`;
}

/** The prompt of an image alone: "a photo of [$]". */
export const imagePrompt = `a photo of ${placeholder}`;
