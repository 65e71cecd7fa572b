/** How long texts are, in tokens of CLIP. */

/** Counts tokens of a text, the ones of its start and its end included. */
export interface TokenCounter {
  /** Returns the number of tokens. */
  count(text: string): number;
  /** What counts, for reports. */
  name: string;
  /** Whether the numbers are a lower bound only. */
  atLeast: boolean;
  /** Tokens that the model reads; what is longer is cut. */
  context: number;
}

/** The pieces into which CLIP's tokenizer cuts a text before it cuts pieces to tokens (openai/CLIP, simple_tokenizer). */
const pieces = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

/**
 * Counts words, digits and runs of signs as CLIP's tokenizer separates them, with start and end: every piece is one
 * token or more, so that this is a lower bound for any CLIP. It needs no vocabulary.
 */
export const pieceCounter: TokenCounter = {
  name: "words, digits and signs (a lower bound of CLIP's tokens)",
  atLeast: true,
  context: 77,
  count: (text) => 2 + (text.match(pieces)?.length ?? 0),
};
