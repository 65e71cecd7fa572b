/**
 * Features of a benchmark's queries, by each of the ways of asking that every table needs.
 *
 * Letters: A queries that can be asked, P width of the embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import type { BenchmarkName, BenchmarkPart, ComposedQuery } from "../benchmarks/benchmark.ts";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import { pseudoWord } from "../clip/tokenizer.ts";
import type { Weights } from "../clip/weights.ts";
import { applyPhi, type Phi, phiInput } from "../projection/phi.ts";
import { cleanText } from "../triplets/triplet.ts";
import type { FeatureRows } from "./benchmark_ranking.ts";

/**
 * Ways of asking. "plain text" is "{reference caption}, {change}", where references are captions; "inverted + text" takes
 * pseudo-words that inversion found (SEARLE-OTI) in the place of phi's.
 */
export const askingMethods = [
  "image only",
  "text only",
  "image + text sum",
  "plain text",
  "inverted + text",
  "phi + text",
] as const;
/** One of {@linkcode askingMethods}. */
export type AskingMethod = typeof askingMethods[number];

/** Which of a query's wordings are used: their mean (FashionIQ's two orders), or the first. */
export type CaptionOrders = "mean of all" | "first";

/** How queries are worded. */
export interface Wordings {
  /** With `[$]` and `{text}`; the paper's is "a photo of [$] that {text}". */
  prompt: string;
  orders: CaptionOrders;
}

/** The paper's defaults. */
export const paperWordings: Wordings = { prompt: `a photo of ${pseudoWord} that {text}`, orders: "mean of all" };

/** The prompt that a benchmark is asked with by default: Pic2Word's for COCO, whose texts are names of objects. */
export function standardPrompt(benchmark: BenchmarkName): string {
  return benchmark === "coco" ? `a photo of ${pseudoWord} and {text}` : paperWordings.prompt;
}

/** Checks a prompt. @throws {Error} if it lacks the pseudo-word or the place of the text */
export function checkPrompt(prompt: string): void {
  if (!prompt.includes(pseudoWord) || !prompt.includes("{text}")) {
    throw new Error(`The prompt "${prompt}" lacks ${pseudoWord} or {text}; the paper's is "${paperWordings.prompt}".`);
  }
}

/** What asks. */
export interface BenchmarkAsker {
  clip: Clip;
  /** Needed for "phi + text". */
  phi?: Phi;
  /** Pseudo-words `[N, D]` of pictures by id; needed for "inverted + text". */
  inverted?: FeatureRows;
  /** Weights of a tuned text encoder; empty for the frozen one. */
  text: Weights;
  /** Captions of pictures by id; needed for "plain text". */
  captions?: ReadonlyMap<string, readonly string[]>;
}

/** Places of the queries whose reference has features. */
export function askable({ queries }: BenchmarkPart, { place }: FeatureRows): number[] {
  return [...queries.keys()].filter((at) => place.has(queries[at].reference));
}

/**
 * Features `[A, P]` of the queries at the places `asked`; the caller's to dispose.
 * @throws {Error} if the method needs something that `asker` does not have
 */
export async function askedFeatures(
  { clip, phi, inverted, text, captions }: BenchmarkAsker,
  part: BenchmarkPart,
  asked: readonly number[],
  method: AskingMethod,
  features: FeatureRows,
  { prompt, orders }: Wordings = paperWordings,
): Promise<tf.Tensor2D> {
  checkPrompt(prompt);
  const queries = asked.map((at) => part.queries[at]);
  const rows = queries.map(({ reference }) => features.place.get(reference)!);
  const references = tf.tidy(() => tf.gather(features.rows, tf.tensor1d(rows, "int32"))); // [A, P]
  const encoder = { ...clip, weights: { ...clip.weights, ...text } };
  /** The queries' texts, encoded; of several wordings the normalised mean. */
  const said = async (wording: (text: string, query: ComposedQuery) => string, words?: tf.Tensor2D) => {
    const variants = orders === "first" ? 1 : Math.max(...queries.map(({ texts }) => texts.length));
    const parts: tf.Tensor2D[] = [];
    for (let variant = 0; variant < variants; variant++) {
      const texts = queries.map((query) =>
        wording(cleanText(query.texts[Math.min(variant, query.texts.length - 1)]), query)
      );
      parts.push(await encodeTexts(encoder, texts, words)); // [A, P]
    }
    const mean = tf.tidy(() => normaliseRows(tf.addN(parts.map((one) => normaliseRows(one)))) as tf.Tensor2D);
    tf.dispose(parts);
    return mean;
  };
  try {
    switch (method) {
      case "image only":
        return tf.clone(references);
      case "text only":
        return await said((text) => text);
      case "image + text sum": {
        const change = await said((text) => text);
        const sum = tf.tidy(() => tf.add(normaliseRows(references), change) as tf.Tensor2D);
        change.dispose();
        return sum;
      }
      case "plain text": {
        if (!captions) throw new Error('Asking with "plain text" failed: there are no captions of references.');
        return await said((text, { reference }) => `${cleanText(captions.get(reference)![0])}, ${text}`);
      }
      case "inverted + text": {
        if (!inverted) throw new Error('Asking with "inverted + text" failed: there are no inverted words.');
        const places = queries.map(({ reference }) => {
          const row = inverted.place.get(reference);
          if (row === undefined) throw new Error(`Asking failed: no word was inverted for the picture "${reference}".`);
          return row;
        });
        const words = tf.tidy(() => tf.gather(inverted.rows, tf.tensor1d(places, "int32"))); // [A, D]
        const made = await said((text) => prompt.replace("{text}", () => text), words);
        words.dispose();
        return made;
      }
      case "phi + text": {
        if (!phi) throw new Error('Asking with "phi + text" failed: there is no phi; name one with --phi.');
        const words = tf.tidy(() => applyPhi(phi, phiInput(references, phi.input))); // [A, D]
        const made = await said((text) => prompt.replace("{text}", () => text), words);
        words.dispose();
        return made;
      }
    }
  } finally {
    references.dispose();
  }
}

/** How many of a part's texts, worded as asked, are longer than the model reads; they are cut, as in training. */
export function cutTexts(clip: Clip, part: BenchmarkPart, { prompt }: Wordings): number {
  const { context } = clip.config.text;
  const texts = part.queries.flatMap(({ texts }) =>
    texts.map((text) => prompt.replace("{text}", () => cleanText(text)))
  );
  return texts.filter((text) => clip.tokenizer.encode([text]).length >= context).length;
}
