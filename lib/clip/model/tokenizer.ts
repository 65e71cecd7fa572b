/**
 * Texts to token ids, trimmed to the longest row of the batch, with the positions of the placeholder.
 *
 * The tokenizing itself is `@huggingface/tokenizers` over the model folder's own `tokenizer.json`.
 */
import { Tokenizer as HfTokenizer } from "npm:@huggingface/tokenizers@0.2.0";
import { shownReason } from "../../io/shown.ts";
import type { TextConfig } from "./config.ts";
import { repairText } from "./repair_text.ts";
import { checkTokenizerForm } from "./tokenizer_form.ts";

/** Unknown words that are named in warnings. */
const mostWarned = 20;

/** The placeholder in a text, whose token embedding a pseudo-token replaces. */
export const placeholder = "[$]";

/** Token ids of B texts, each row padded behind its end-of-text token to the longest row's length T. */
export interface TokenBatch {
  /** `[B, T]` token ids, row after row. */
  ids: Int32Array;
  /** B, the number of texts. */
  rows: number;
  /** T, the tokens of the longest text, start and end included. */
  length: number;
  /** `[B]`: index of the token within its row at which the row's feature is taken. */
  endAt: Int32Array;
  /** `[B, T]`: 1 at placeholders, else 0; absent if the texts have none. */
  pseudoTokenMask?: Float32Array;
}

/** A tokenizer bound to a model's context and pooling. */
export interface Tokenizer {
  /**
   * Tokenizes a batch of texts. Either all of them have the placeholder `[$]`, once or more, or none has.
   * Texts longer than the context are cut, their end-of-text token kept. Curly quotes, HTML's references and the like are
   * repaired first, as by OpenAI's tokenizer, unless the vocabulary is one of whole words.
   *
   * @throws {Error} if a text has a literal `$`, or lost a placeholder to the cut
   */
  encode(texts: readonly string[]): TokenBatch;
  /** The words of a text that the vocabulary does not contain; always empty for a byte-level vocabulary. */
  unknownWords(text: string): string[];
  /** The parsed `tokenizer.json` that the tokenizer was made from, to be saved with a model. */
  json: object;
  /** The tokens of one text as strings, start and end included, for display. */
  tokens(text: string): string[];
}

/**
 * Makes a tokenizer from the parsed `tokenizer.json`.
 *
 * @param config the text tower's sizes; the vocabulary, the context and the pooling are used
 * @param file its name, for error messages
 * @param warn called with a message for words that the vocabulary does not contain, each once, up to twenty
 * @throws {Error} if the file is of another form, or its vocabulary has no end-of-text token, another than the
 *   configuration says, or no token for `$`
 */
export function makeTokenizer(
  json: unknown,
  config: TextConfig,
  file: string,
  warn: (message: string) => void = console.warn,
): Tokenizer {
  checkTokenizerForm(json, config.vocabulary, file);
  const inner = usable(json, file);
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
  const placeholderId = inner.token_to_id("$</w>") ?? inner.token_to_id("$");
  if (placeholderId === undefined) throw new Error(`Reading ${file} failed: it has no token "$" for the placeholder.`);
  const unknownId = inner.token_to_id("<|unknown|>");
  const cached = new Map<string, Int32Array>();
  const warned = new Set<string>();

  function unknownWords(text: string): string[] {
    if (unknownId === undefined) return [];
    const words = text.replaceAll(placeholder, " ").split(/\s+/).filter((word) => word !== "");
    return words.filter((word) => inner.encode(word).ids.includes(unknownId));
  }

  function row(text: string): Int32Array {
    const found = cached.get(text);
    if (found) return found;
    const parts = text.split(placeholder);
    if (parts.some((part) => part.includes("$"))) {
      throw new Error(
        `Tokenizing "${text}" failed: a literal "$" would be taken for the placeholder; remove it, or write [$].`,
      );
    }
    // A vocabulary of whole words has those words as they were written; OpenAI's tokenizer repairs for one of bytes.
    const repaired = unknownId === undefined ? parts.map(withoutDollar) : parts;
    const all = inner.encode(repaired.join(" $ ").trim()).ids;
    // What the vocabulary lacks, and has no token for the unknown to stand for, comes back as undefined.
    if (!all.every(Number.isInteger)) {
      throw new Error(`Tokenizing "${text}" failed: the vocabulary of ${file} lacks a part of it; reword it.`);
    }
    if (all[all.length - 1] !== endId) {
      throw new Error(`Tokenizing "${text}" failed: the row of ${file} does not end with "<|endoftext|>".`);
    }
    const ids = Int32Array.from(all.length > config.context ? [...all.slice(0, config.context - 1), endId] : all);
    if (ids.filter((id) => id === placeholderId).length < parts.length - 1) {
      throw new Error(
        `Tokenizing "${text}" failed: [$] lies beyond the ${config.context} tokens that the model reads.`,
      );
    }
    if (unknownId !== undefined && ids.includes(unknownId)) {
      const fresh = unknownWords(text).filter((word) => !warned.has(word));
      const before = warned.size;
      fresh.forEach((word) => warned.add(word));
      if (before <= mostWarned && warned.size > mostWarned) {
        warn(`The vocabulary of ${file} does not know more than ${mostWarned} words; others are no longer named.`);
      } else if (fresh.length > 0 && warned.size <= mostWarned) {
        warn(
          `The vocabulary of ${file} does not know "${
            fresh.join('", "')
          }": read as "<|unknown|>", which means nothing.`,
        );
      }
    }
    // Texts recur (captions in every epoch, templates in every query); a bounded cache makes them free.
    if (cached.size > 200_000) cached.clear();
    cached.set(text, ids);
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
      const withPlaceholder = texts.filter((text) => text.includes(placeholder)).length;
      if (withPlaceholder !== 0 && withPlaceholder !== texts.length) {
        throw new Error(
          `Tokenizing ${texts.length} texts failed: ${withPlaceholder} have [$] and the others not; encode them apart.`,
        );
      }
      return {
        ids,
        rows: rows.length,
        length,
        endAt: Int32Array.from(rows, endOf),
        ...(withPlaceholder > 0
          ? { pseudoTokenMask: Float32Array.from(ids, (id) => id === placeholderId ? 1 : 0) }
          : {}),
      };
    },
    unknownWords,
    tokens: (text) => [...row(text)].map((id) => inner.id_to_token(id) ?? `<${id}>`),
  };
}

/** Repairs a part of a text; a "$" that a reference stood for goes, as cleaning removes one that is written. */
function withoutDollar(part: string): string {
  return repairText(part).replaceAll("$", "");
}

/** The tokenizer, after a text with letters, digits, signs and the placeholder went through all its stages. */
function usable(json: object, file: string): HfTokenizer {
  try {
    const tokenizer = new HfTokenizer(json, { clean_up_tokenization_spaces: false });
    tokenizer.encode("A photo of $ that's 1.5 m, caf\u00e9!");
    return tokenizer;
  } catch (error) {
    throw new Error(
      `Reading ${file} failed: it makes no tokenizer (${
        shownReason(error)
      }); fetch or make the tokenizer's files again.`,
      { cause: error },
    );
  }
}
