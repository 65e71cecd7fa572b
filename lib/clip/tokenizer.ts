/**
 * Texts to token ids, trimmed to the longest row of the batch, with the place of the pseudo-word.
 *
 * The tokenizing itself is `@huggingface/tokenizers` over the model folder's own `tokenizer.json`.
 */
import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import type { TextConfig } from "./config.ts";

/** Unknown words that are named, one by one. */
const mostWarned = 20;

/** How the pseudo-word is written in a text. */
export const pseudoWord = "[$]";

/** Token ids of B texts, each row padded behind its end-of-text token to the longest row's length T. */
export interface TokenBatch {
  /** `[B, T]`, row after row. */
  ids: Int32Array;
  rows: number;
  length: number;
  /** Place of each row's end-of-text token. */
  endAt: Int32Array;
  /** `[B, T]`: 1 where a pseudo-word stands, else 0; absent if no text has one. */
  pseudoPlaces?: Float32Array;
}

/** A tokenizer bound to a model's context and pooling. */
export interface Tokenizer {
  /**
   * Token ids for a batch. `[$]` in a text is the pseudo-word; either all texts have one (or more) or none.
   * Rows longer than the context are cut, their end-of-text token kept.
   *
   * @throws {Error} if a text has a literal `$`, or lost its pseudo-word to the cut.
   */
  encode(texts: readonly string[]): TokenBatch;
  /** The words of a text that the vocabulary does not know; always empty for a byte-level vocabulary. */
  unknownWords(text: string): string[];
  /** The `tokenizer.json` that it was made from, to be saved with a model. */
  json: object;
  /** The tokens of one text, for showing. */
  tokens(text: string): string[];
}

/**
 * Makes a tokenizer from the parsed `tokenizer.json`.
 *
 * @param file for messages
 * @param warn is told of words that the vocabulary does not know, each once, up to twenty
 * @throws {Error} if the vocabulary has no end-of-text token or none for `$`.
 */
export function makeTokenizer(
  json: object,
  config: TextConfig,
  file: string,
  warn: (message: string) => void = console.warn,
): Tokenizer {
  const inner = new HfTokenizer(json, { clean_up_tokenization_spaces: false });
  const endId = inner.token_to_id("<|endoftext|>");
  if (endId === undefined) {
    throw new Error(`Reading ${file} failed: it has no token "<|endoftext|>", so rows could not be pooled.`);
  }
  if (config.pooling.at === "first end of text" && config.pooling.id !== endId) {
    throw new Error(
      `Reading ${file} failed: its "<|endoftext|>" has id ${endId} and config.json says ${config.pooling.id}.`,
    );
  }
  // The reference implementation tokenizes a bare "$" and overwrites its embedding.
  const pseudoId = inner.token_to_id("$</w>") ?? inner.token_to_id("$");
  if (pseudoId === undefined) throw new Error(`Reading ${file} failed: it has no token "$" for the pseudo-word.`);
  const unknownId = inner.token_to_id("<|unknown|>");
  const known = new Map<string, Int32Array>();
  const warned = new Set<string>();

  function unknownWords(text: string): string[] {
    if (unknownId === undefined) return [];
    const words = text.replaceAll(pseudoWord, " ").split(/\s+/).filter((word) => word !== "");
    return words.filter((word) => inner.encode(word).ids.includes(unknownId));
  }

  function row(text: string): Int32Array {
    const cached = known.get(text);
    if (cached) return cached;
    const parts = text.split(pseudoWord);
    if (parts.some((part) => part.includes("$"))) {
      throw new Error(
        `Tokenizing "${text}" failed: a literal "$" would be taken for the pseudo-word; remove it, or write [$].`,
      );
    }
    const all = inner.encode(parts.join(" $ ").trim()).ids;
    if (all[all.length - 1] !== endId) {
      throw new Error(`Tokenizing "${text}" failed: the row of ${file} does not end with "<|endoftext|>".`);
    }
    const ids = Int32Array.from(all.length > config.context ? [...all.slice(0, config.context - 1), endId] : all);
    if (parts.length > 1 && !ids.includes(pseudoId!)) {
      throw new Error(
        `Tokenizing "${text}" failed: [$] lies beyond the ${config.context} tokens that the model reads.`,
      );
    }
    if (unknownId !== undefined && ids.includes(unknownId)) {
      const news = unknownWords(text).filter((word) => !warned.has(word));
      const before = warned.size;
      news.forEach((word) => warned.add(word));
      if (before <= mostWarned && warned.size > mostWarned) {
        warn(`The vocabulary of ${file} does not know more than ${mostWarned} words; others are no longer named.`);
      } else if (news.length > 0 && warned.size <= mostWarned) {
        warn(
          `The vocabulary of ${file} does not know "${news.join('", "')}": read as "<|unknown|>", which means nothing.`,
        );
      }
    }
    // Texts recur (captions in every epoch, templates in every query); a bounded memory makes them free.
    if (known.size > 200_000) known.clear();
    known.set(text, ids);
    return ids;
  }

  function endOf(ids: Int32Array): number {
    return config.pooling.at === "largest id" ? ids.indexOf(Math.max(...ids)) : ids.indexOf(endId!);
  }

  return {
    json,
    encode(texts) {
      const rows = texts.map(row);
      const length = Math.max(...rows.map((ids) => ids.length));
      const ids = new Int32Array(rows.length * length).fill(endId);
      rows.forEach((one, i) => ids.set(one, i * length));
      const withPseudo = texts.filter((text) => text.includes(pseudoWord)).length;
      if (withPseudo !== 0 && withPseudo !== texts.length) {
        throw new Error(
          `Tokenizing ${texts.length} texts failed: ${withPseudo} have [$] and the others not; encode them apart.`,
        );
      }
      return {
        ids,
        rows: rows.length,
        length,
        endAt: Int32Array.from(rows, endOf),
        ...(withPseudo > 0 ? { pseudoPlaces: Float32Array.from(ids, (id) => id === pseudoId ? 1 : 0) } : {}),
      };
    },
    unknownWords,
    tokens: (text) => [...row(text)].map((id) => inner.id_to_token(id) ?? `<${id}>`),
  };
}
