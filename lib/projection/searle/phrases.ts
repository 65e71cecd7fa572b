/**
 * SEARLE's concept phrases: short texts about a concept. Training makes the features of a phrase whose concept is
 * replaced by a pseudo-token equal to those of the original phrase, which keeps pseudo-tokens near the embeddings of
 * words.
 */
import * as tf from "../../tensors/tf.ts";
import { normaliseRows } from "../../tensors/contrastive_losses.ts";
import { encodeTexts } from "../../clip/encode.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import { placeholder } from "../../clip/model/tokenizer.ts";
import { jsonHash } from "../../io/hash.ts";
import { isObject, isTexts } from "../../io/json_values.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { filePath, type Path } from "../../io/path.ts";
import { readText } from "../../io/read_file.ts";
import { shown } from "../../io/shown.ts";
import type { Random } from "../../tensors/random.ts";
import { cleanText } from "../../triplets/triplet.ts";

/** Phrases by concept; each phrase contains its concept. */
export type Phrases = ReadonlyMap<string, readonly string[]>;

/** The prompt of a concept, where no others are given. */
const defaultTemplate = `a photo of ${placeholder}`;

/** Longest concept, letters: it becomes a pattern, whose size has a limit. */
const longestConcept = 1000;

/** Replaces the concept of a phrase by `[$]`; returns undefined if the phrase does not contain it as whole words. */
export function maskConcept(phrase: string, concept: string): string | undefined {
  const words = ` ${phrase} `;
  if (words.search(wholeWords(concept)) < 0) return undefined;
  return words.replace(wholeWords(concept), (_, before: string) => `${before}${placeholder}`).trim();
}

function wholeWords(concept: string): RegExp {
  const literal = concept.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`([^\\p{L}\\p{N}-])${literal}(?![\\p{L}\\p{N}-])`, "u");
}

/**
 * Reads a phrases file: a JSON object from concept to a list of phrases. Both are cleaned by `cleanText`; the phrases
 * of names that clean to the same concept, such as "Dog" and "dog", are joined. A concept of which cleaning leaves
 * nothing is dropped.
 *
 * @param warn called with a sentence that names the concepts that were dropped; `console.warn` by default
 * @throws {Error} if it is no such object, is empty, a concept has more than 1000 letters, or a phrase does not contain
 *   its concept
 */
export async function readPhrases(path: Path, warn: (message: string) => void = console.warn): Promise<Phrases> {
  const file = filePath(path);
  const text = await readText("phrases", file, '; make one with "deno task phrases"');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`Reading phrases failed: ${file} is not JSON.`);
  }
  return parsePhrases(json, file, warn);
}

/** Checks the contents of a phrases file. @throws {Error} as {@linkcode readPhrases} */
export function parsePhrases(json: unknown, file: string, warn: (message: string) => void = console.warn): Phrases {
  const entries = isObject(json) ? Object.entries(json) : [];
  const named = entries.filter(([name]) => cleanText(name) !== "");
  const dropped = entries.filter(([name]) => cleanText(name) === "").map(([name]) => shown(name));
  if (named.length === 0) {
    throw new Error(
      `Reading phrases failed: ${file} is no object from concepts to phrases, or an empty one` +
        `${dropped.length > 0 ? ` (cleaning leaves nothing of ${dropped.join(", ")})` : ""}.`,
    );
  }
  const phrases = new Map<string, string[]>();
  for (const [name, list] of named) {
    const concept = cleanText(name);
    if (!isTexts(list) || list.length === 0) {
      throw new Error(`Reading phrases failed: ${shown(name)} in ${file} has no list of phrases.`);
    }
    if (concept.length > longestConcept) {
      throw new Error(
        `Reading phrases failed: the concept ${
          shown(concept)
        } in ${file} has ${concept.length} letters, the most are ` +
          `${longestConcept}.`,
      );
    }
    const cleaned = list.map(cleanText);
    const without = cleaned.find((phrase) => maskConcept(phrase, concept) === undefined);
    if (without !== undefined) {
      throw new Error(
        `Reading phrases failed: ${shown(without)} in ${file} does not contain its concept ${shown(concept)}.`,
      );
    }
    const before = phrases.get(concept);
    phrases.set(concept, before ? [...before, ...cleaned.filter((phrase) => !before.includes(phrase))] : cleaned);
  }
  if (dropped.length > 0) {
    warn(`Concepts of ${file} were dropped, because cleaning leaves nothing of them: ${dropped.join(", ")}.`);
  }
  return phrases;
}

/** A concept phrase and its masked form. */
export interface PhrasePair {
  /** The original phrase. */
  phrase: string;
  /** The phrase with its concept replaced by `[$]`. */
  masked: string;
}

/** A function that draws a concept phrase for the image with a given index. */
export interface DrawPhrase {
  /** Draws a phrase for the image with the given index. */
  (image: number, rng: Random): PhrasePair;
  /** Returns a hash of the phrases, by which checkpoints and cached batches of other phrases are told apart. */
  data: () => Promise<string>;
}

/**
 * Returns a function that draws for some of the images, renumbered from 0, of the same phrases.
 *
 * @param images indices of the images, in their new order
 */
export function drawAmong(draw: DrawPhrase, images: readonly number[]): DrawPhrase {
  return Object.assign((image: number, rng: Random) => draw(images[image], rng), { data: draw.data });
}

/** Options of {@linkcode phraseDrawer} and {@linkcode rankConcepts}. */
export interface PhraseDrawerOptions {
  /**
   * Prompts with `[$]`, in the place of which each concept is put; concepts are ranked by the mean of the normalised
   * features. "a photo of [$]" alone by default; SEARLE takes those of its inversion.
   */
  templates?: readonly string[];
  /** Called with the number of prompts encoded and their total. */
  onProgress?: OnProgress;
}

/** The concepts ranked for images; it draws phrases of the best of them. */
export interface RankedConcepts {
  /**
   * Returns a function that draws a phrase of one of the best `count` concepts of an image.
   *
   * @throws {Error} if more are asked for than were ranked
   */
  drawer(count: number): DrawPhrase;
}

/**
 * Ranks the concepts for each image by CLIP, and returns a function that draws a phrase of one of the best concepts of an
 * image.
 *
 * @param features `[N, P]` of N images, of any norm; the caller keeps and disposes it
 * @param count number of concepts for each image: 15 for inversion and 150 for phi as published
 * @throws {Error} if a template has not one `[$]`
 */
export async function phraseDrawer(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  features: tf.Tensor2D,
  phrases: Phrases,
  count: number,
  options: PhraseDrawerOptions = {},
): Promise<DrawPhrase> {
  return (await rankConcepts(clip, features, phrases, count, options)).drawer(count);
}

/** Encodes all concepts with each template: the mean of the normalised features, `[C, P]`; of one template its own. */
async function encodeConcepts(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  concepts: readonly string[],
  templates: readonly string[],
  onProgress?: OnProgress,
): Promise<tf.Tensor2D> {
  const total = concepts.length * templates.length, encoded: tf.Tensor2D[] = [];
  try {
    for (const [i, template] of templates.entries()) {
      const texts = concepts.map((concept) => template.replace(placeholder, () => concept));
      const before = i * concepts.length;
      const features = await encodeTexts(clip, texts, {
        onProgress: onProgress && ((done, _, note) => onProgress(before + done, total, note)),
      }); // [C, P]
      if (templates.length === 1) return features;
      encoded.push(features);
      // A running sum: all features of all templates would not fit for many concepts.
      const sum = tf.tidy(() => tf.addN(encoded.map((one, at) => i > 0 && at === 0 ? one : normaliseRows(one))));
      tf.dispose(encoded.splice(0));
      encoded.push(sum as tf.Tensor2D);
    }
    return encoded.pop()!;
  } finally {
    tf.dispose(encoded);
  }
}

/** As {@linkcode phraseDrawer}, for drawing among several numbers of best concepts: they are encoded once. */
export async function rankConcepts(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  features: tf.Tensor2D,
  phrases: Phrases,
  most: number,
  { templates = [defaultTemplate], onProgress }: PhraseDrawerOptions = {},
): Promise<RankedConcepts> {
  checkTemplates(templates, "Ranking concepts");
  const concepts = [...phrases.keys()];
  const k = Math.min(most, concepts.length);
  const named = await encodeConcepts(clip, concepts, templates, onProgress); // [C, P]
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
  return {
    drawer(count) {
      const among = Math.min(count, concepts.length);
      if (among > k) throw new Error(`Drawing phrases failed: ${count} concepts are asked for, ${k} were ranked.`);
      const draw = (image: number, rng: Random): PhrasePair => {
        const concept = concepts[nearest[image][rng.int(among)]];
        const list = phrases.get(concept)!;
        const phrase = list[rng.int(list.length)];
        return { phrase, masked: maskConcept(phrase, concept)! };
      };
      // The hash of the usual template is that of version 0.2, so that its checkpoints and cached inversions are found.
      const usual = templates.length === 1 && templates[0] === defaultTemplate;
      const data = () => jsonHash([[...phrases], among, ...(usual ? [] : [templates])]);
      return Object.assign(draw, { data });
    },
  };
}

/**
 * Checks prompts of textual inversion.
 *
 * @param action begins the error message, such as "Ranking concepts"
 * @throws {Error} naming the first that has not one `[$]`
 */
export function checkTemplates(templates: readonly string[], action: string): void {
  if (templates.length === 0) throw new Error(`${action} failed: there are no templates; write one a line, with {}.`);
  const wrong = templates.find((template) => template.split(placeholder).length !== 2);
  if (wrong !== undefined) {
    throw new Error(`${action} failed: the template ${shown(wrong)} has not one {} (or ${placeholder}); correct it.`);
  }
}

/**
 * Reads prompts of textual inversion from a text file, one a line, each with `{}` or `[$]` where the pseudo-token stands,
 * such as "a photo of {}"; empty lines are skipped. They are cleaned by `cleanText`.
 *
 * @throws {Error} if there is no such file, it has no line, or a line has not one `{}`
 */
export async function readTemplates(path: Path): Promise<string[]> {
  const file = filePath(path), lines = (await readText("templates", file)).split("\n");
  const templates = lines.map((line) => line.replaceAll(placeholder, "{}")).map(cleanText).filter((line) => line !== "")
    .map((line) => line.replaceAll("{}", placeholder));
  checkTemplates(templates, `Reading ${file}`);
  return templates;
}
