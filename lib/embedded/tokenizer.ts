/** The tokenizer of the embedded CLIPs: one token for each known word, and `<|unknown|>` for all others. */
import { specialToken } from "../clip/model/special_token.ts";

/**
 * Makes the content of `tokenizer.json`: a WordPiece tokenizer whose vocabulary has whole words only. The ids of
 * special tokens come first, then those of the words in the given order.
 */
export function embeddedTokenizerJson(words: readonly string[]): object {
  const specials = ["<|startoftext|>", "<|endoftext|>", "<|unknown|>", "$"];
  const [start, end] = specials;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.slice(0, 3).map(specialToken),
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFKD" },
        { type: "StripAccents" },
        { type: "Lowercase" },
        { type: "Replace", pattern: { Regex: "['’“”\".]" }, content: "" },
        { type: "Replace", pattern: { Regex: "[^\\p{L}\\p{N}$-]+" }, content: " " },
      ],
    },
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: start, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, {
        SpecialToken: { id: end, type_id: 0 },
      }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: {
        [start]: { id: start, ids: [0], tokens: [start] },
        [end]: { id: end, ids: [1], tokens: [end] },
      },
    },
    decoder: null,
    model: {
      type: "WordPiece",
      unk_token: "<|unknown|>",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries([...specials, ...words].map((word, id) => [word, id])),
    },
  };
}
