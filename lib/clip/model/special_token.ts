/** A special token as `tokenizer.json` lists it. */

/** An entry of `added_tokens`: the token is matched as it is written, and never split. */
export function specialToken(content: string, id: number): object {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
