/** Makes CLIP's `tokenizer.json` from the older pair of files, `vocab.json` and `merges.txt`. */

import { isObject } from "../../io/json_values.ts";
import { specialToken } from "../model/special_token.ts";

/** Splits a text as CLIP does: specials, contractions, runs of letters, single digits, runs of anything else. */
const splitting = "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|" +
  "[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * The `tokenizer.json` that Hugging Face's converter makes of the two files.
 *
 * @param vocabulary the parsed `vocab.json`
 * @param merges the text of `merges.txt`, its first line a version; lines may end as on Windows
 * @param file name of the vocabulary, for error messages
 * @throws {Error} if the vocabulary is no object, or lacks the two special tokens
 */
export function clipTokenizerJson(vocabulary: Record<string, number>, merges: string, file: string): object {
  if (!isObject(vocabulary)) {
    throw new Error(`Reading ${file} failed: it is no object from tokens to ids; fetch it again.`);
  }
  const [start, end] = ["<|startoftext|>", "<|endoftext|>"];
  const [startId, endId] = [start, end].map((token) => {
    if (!Object.hasOwn(vocabulary, token)) throw new Error(`Reading ${file} failed: it has no token "${token}".`);
    return vocabulary[token];
  });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [specialToken(start, startId), specialToken(end, endId)],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: splitting }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [end, endId],
      cls: [start, startId],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: end,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges: merges.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version")),
    },
  };
}
