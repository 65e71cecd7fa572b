/** The embedded CLIP's `tokenizer.json`: whole words, everything else unknown. */

/**
 * A WordPiece tokenizer without pieces: a word is in the vocabulary or it is `<|unknown|>`.
 * Ids: the specials first, then the words in the order given.
 */
export function embeddedTokenizerJson(words: readonly string[]): object {
  const specials = ["<|startoftext|>", "<|endoftext|>", "<|unknown|>", "$"];
  const [start, end] = specials;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specials.slice(0, 3).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
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
