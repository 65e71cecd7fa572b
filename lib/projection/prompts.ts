/** The texts that hold the placeholder `[$]` of a pseudo-token, worded as in training and evaluation. */
import { placeholder } from "../clip/model/tokenizer.ts";

/** Returns the composed query of a reference image and a conditioning text: "a photo of [$] that {conditioning}". */
export function composedPrompt(conditioning: string): string {
  return `a photo of ${placeholder} that ${conditioning}`;
}

/** The query of a reference image alone: "a photo of [$]". */
export const imagePrompt = `a photo of ${placeholder}`;
