/**
 * SEARLE's concept phrases: short texts about a concept. With the concept replaced by a picture's pseudo-word, a phrase
 * shall go on meaning what it meant; that keeps pseudo-words among words.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import { pseudoWord } from "../clip/tokenizer.ts";
import { readText } from "../formats/read_file.ts";
import type { Random } from "../training/random.ts";
import { cleanText } from "../triplets/triplet.ts";

/** Phrases by concept; each phrase contains its concept. */
export type Phrases = ReadonlyMap<string, readonly string[]>;

/** The phrase with its concept replaced by the pseudo-word, or nothing if it does not contain the concept as words. */
export function maskConcept(phrase: string, concept: string): string | undefined {
  const words = ` ${phrase} `, place = words.search(wholeWords(concept));
  if (place < 0) return undefined;
  return words.replace(wholeWords(concept), (_, before: string) => `${before}${pseudoWord}`).trim();
}

function wholeWords(concept: string): RegExp {
  const literal = concept.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`([^\\p{L}\\p{N}-])${literal}(?![\\p{L}\\p{N}-])`, "u");
}

/**
 * Reads a phrases file: a JSON object from concept to a list of phrases.
 * @throws {Error} if it is no such object, is empty, or a phrase does not contain its concept
 */
export async function readPhrases(file: string): Promise<Phrases> {
  const text = await readText("phrases", file, '; make one with "deno task phrases"');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`Reading phrases failed: ${file} is not JSON.`);
  }
  return parsePhrases(json, file);
}

/** Checks what a phrases file holds. @throws {Error} see {@linkcode readPhrases} */
export function parsePhrases(json: unknown, file: string): Phrases {
  const entries = typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json) : [];
  if (entries.length === 0) {
    throw new Error(`Reading phrases failed: ${file} is no object from concepts to phrases, or an empty one.`);
  }
  const phrases = new Map<string, string[]>();
  for (const [name, list] of entries) {
    const concept = cleanText(name);
    if (concept === "" || !Array.isArray(list) || list.length === 0 || !list.every((one) => typeof one === "string")) {
      throw new Error(`Reading phrases failed: "${name}" in ${file} has no list of phrases.`);
    }
    const cleaned = list.map(cleanText);
    const without = cleaned.find((phrase) => maskConcept(phrase, concept) === undefined);
    if (without !== undefined) {
      throw new Error(`Reading phrases failed: "${without}" in ${file} does not contain its concept "${concept}".`);
    }
    phrases.set(concept, cleaned);
  }
  return phrases;
}

/** A phrase, whole and with its concept replaced. */
export interface PhrasePair {
  phrase: string;
  masked: string;
}

/** Draws a phrase for a picture. */
export type DrawPhrase = (picture: number, rng: Random) => PhrasePair;

/**
 * For each picture the concepts that CLIP sees in it ("a photo of {concept}"), and phrases drawn from those.
 *
 * @param features `[N, P]` of N pictures
 * @param most concepts a picture; the published number is 15
 */
export async function phraseDrawer(
  clip: Clip,
  features: tf.Tensor2D,
  phrases: Phrases,
  most: number,
): Promise<DrawPhrase> {
  const concepts = [...phrases.keys()];
  const k = Math.min(most, concepts.length);
  const named = await encodeTexts(clip, concepts.map((concept) => `a photo of ${concept}`)); // [C, P]
  const nearest: Int32Array[] = [];
  const block = 1024;
  for (let from = 0; from < features.shape[0]; from += block) {
    const top = tf.tidy(() => {
      const rows = tf.slice(features, [from, 0], [Math.min(block, features.shape[0] - from), -1]); // [B, P]
      return tf.topk(tf.matMul(normaliseRows(rows), normaliseRows(named), false, true), k).indices; // [B, k]
    });
    const values = await top.data() as Int32Array;
    for (let i = 0; i < values.length; i += k) nearest.push(values.slice(i, i + k));
    top.dispose();
  }
  named.dispose();
  return (picture, rng) => {
    const concept = concepts[nearest[picture][rng.int(k)]];
    const list = phrases.get(concept)!;
    const phrase = list[rng.int(list.length)];
    return { phrase, masked: maskConcept(phrase, concept)! };
  };
}
