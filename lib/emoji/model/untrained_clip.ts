/** An embedded CLIP before its pretraining: configuration and tokenizer. */
import type { ClipConfig } from "../../clip/model/config.ts";
import { makeTokenizer, type Tokenizer } from "../../clip/model/tokenizer.ts";
import { captionWords } from "../data/captions.ts";
import type { Emoji } from "../data/catalogue.ts";
import { embeddedConfig, type EmbeddedSize } from "./embedded_model.ts";
import { embeddedTokenizerJson } from "../../embedded/tokenizer.ts";

/** Returns the configuration and the tokenizer of an embedded CLIP, whose vocabulary is the words of all captions. */
export function untrainedClip(
  emoji: readonly Emoji[],
  size: EmbeddedSize,
): { config: ClipConfig; tokenizer: Tokenizer } {
  const words = captionWords(emoji), config = embeddedConfig(words.length + 4, size);
  return { config, tokenizer: makeTokenizer(embeddedTokenizerJson(words), config.text, "the embedded tokenizer") };
}
