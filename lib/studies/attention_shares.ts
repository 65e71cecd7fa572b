/**
 * What the end-of-text token of composed queries attends to: the shares of the start token, of the prompt's words, of the
 * pseudo-token, of the conditioning text and of itself, layer by layer.
 *
 * Letters: B queries of a batch, T tokens of the longest, H heads, P width of the embedding, D width of a token embedding.
 */
import { textAttention } from "../clip/model/text_attention.ts";
import { placeholder, type TokenBatch, type Tokenizer } from "../clip/model/tokenizer.ts";
import { evenly } from "../io/evenly.ts";
import { applyPhi } from "../projection/phi.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import { cleanText } from "../triplets/triplet.ts";
import type { ProbeModels } from "./bare_token.ts";
import { sixDecimals } from "./six_decimals.ts";

/** The parts of a composed query, in their order: "a photo of", the pseudo-token, "that", the conditioning text. */
export const queryParts = ["start", "prompt", "pseudo-token", "joining words", "text", "end of text"] as const;
/** One of {@linkcode queryParts}. */
export type QueryPart = typeof queryParts[number];

/** What the end-of-text token attends to: plain numbers, as the cache holds them. */
export interface AttentionShares {
  /** Number of queries. */
  queries: number;
  /** The template of the queries. */
  template: string;
  /** Mean number of tokens of each part. */
  tokens: Record<QueryPart, number>;
  /** Of each layer, the mean share of each part over heads and queries; they sum to 1. */
  layers: readonly Record<QueryPart, number>[];
}

/** Most queries, and queries encoded at once. */
const mostQueries = 300, batch = 100;

/** Measures it on at most 300 queries, at even distances. @throws {Error} if there are no queries */
export async function measureAttention({ clip, phi, probed, textWeights }: ProbeModels): Promise<AttentionShares> {
  const { template, features } = probed,
    known = probed.queries.filter(({ reference }) => features.index.has(reference));
  const queries = evenly(known.length, mostQueries).map((i) => known[i]);
  if (queries.length === 0) {
    throw new Error("Measuring attention failed: there are no queries with an image; give some.");
  }
  const weights = { ...clip.weights, ...textWeights }, { layers: L } = clip.config.text;
  const none = () => Object.fromEntries(queryParts.map((part) => [part, 0])) as Record<QueryPart, number>;
  const tokens = none(), layers = Array.from({ length: L }, none);
  for (let from = 0; from < queries.length; from += batch) {
    const some = queries.slice(from, from + batch);
    const texts = some.map(({ text }) => template.replace("{text}", () => cleanText(text)));
    const encoded = clip.tokenizer.encode(texts), { rows: B, length: T } = encoded;
    const parts = partsOf(encoded, template, clip.tokenizer);
    const own = rowsAt(features.rows, some.map(({ reference }) => features.index.get(reference)!)); // [B, P]
    const pseudoTokens = tf.tidy(() => applyPhi(phi, own)); // [B, D]
    const watched = textAttention(weights, clip.config.text, encoded, pseudoTokens);
    const means = watched.layers.map((shares) => tf.tidy(() => tf.mean(shares, 1))); // [B, T] each
    try {
      const read = await Promise.all(means.map((one) => one.data()));
      for (let row = 0; row < B; row++) {
        for (let at = 0; at <= encoded.endAt[row]; at++) {
          const part = parts[row * T + at];
          tokens[part] += 1 / queries.length;
          for (const [layer, shares] of read.entries()) layers[layer][part] += shares[row * T + at] / queries.length;
        }
      }
    } finally {
      tf.dispose([own, pseudoTokens, watched.features, ...watched.layers, ...means]);
    }
  }
  const rounded = (shares: Record<QueryPart, number>) =>
    Object.fromEntries(queryParts.map((part) => [part, sixDecimals(shares[part])])) as Record<QueryPart, number>;
  return { queries: queries.length, template, tokens: rounded(tokens), layers: layers.map(rounded) };
}

/**
 * Names the part that each token of composed queries belongs to; what is cut from a long text is its end.
 *
 * @returns `[B, T]`, row after row; what stands behind the end-of-text token is "end of text" too
 */
export function partsOf(tokens: TokenBatch, template: string, { encode }: Pick<Tokenizer, "encode">): QueryPart[] {
  const { rows: B, length: T, endAt, pseudoTokenMask } = tokens;
  // What stands before the conditioning text, without its own end-of-text token.
  const before = encode([template.split("{text}")[0].trim()]).endAt[0];
  return Array.from({ length: B * T }, (_, i): QueryPart => {
    const row = Math.floor(i / T), at = i % T;
    if (at === 0) return "start";
    if (at >= endAt[row]) return "end of text";
    if (pseudoTokenMask?.[i] === 1) return "pseudo-token";
    if (at >= before) return "text";
    return pseudoTokenMask?.slice(row * T, i).includes(1) ? "joining words" : "prompt";
  });
}

/** Returns the words of a template that a part stands for, for display. */
export function wordsOf(part: QueryPart, template: string): string {
  const [prompt, rest = ""] = template.split(placeholder), quoted = (words: string) => `"${words.trim()}"`;
  if (part === "prompt") return quoted(prompt);
  return part === "joining words" ? quoted(rest.split("{text}")[0]) : part;
}
