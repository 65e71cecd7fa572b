/** How many texts a model cannot read to their end. */
import type { Clip } from "./files/model_folder.ts";

/**
 * Counts the texts that fill the model's context: longer ones are cut, and those that just fit look the same afterwards.
 */
export function countLongTexts(
  { config: { text: { context } }, tokenizer }: Pick<Clip, "config" | "tokenizer">,
  texts: Iterable<string>,
): number {
  let count = 0;
  for (const text of texts) {
    // A token is a byte at least, so most captions are known to fit without being tokenized.
    if (text.length + 2 < context && isAscii(text)) continue;
    if (tokenizer.encode([text]).length >= context) count++;
  }
  return count;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
